// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reparse points: data that makes a file or directory a symbolic link, a mount point (junction) or
// an object that only a certain driver understands. Buffers have the Windows layout
// (REPARSE_DATA_BUFFER, [MS-FSCC] 2.1.2) including the header.
//
//   const auto link = cim::ReparsePoint::pointing_to(cim::reparse_tag::kSymlink, "C:/Windows");
//   const auto buffer = link.encode();
//   cim::ReparsePoint::parse(buffer).target();   // u"C:\\Windows"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/export.h"

namespace cim {

namespace reparse_tag {
/// Tags whose data cimlib understands.
inline constexpr std::uint32_t kMountPoint = 0xA0000003;
inline constexpr std::uint32_t kSymlink = 0xA000000C;
}  // namespace reparse_tag

/// Maximum size in bytes of a reparse buffer including its header.
inline constexpr std::size_t kMaxReparseBufferSize = 16384;

/// Returns the tag of a reparse buffer. Validates the header, whose data length must account for
/// all bytes, but not the data. Throws kCorrupt (too short, wrong length, reserved tag) and kLimit
/// (more than kMaxReparseBufferSize).
CIM_EXPORT std::uint32_t parse_reparse_tag(std::span<const std::byte> buffer);

/// A decoded reparse point. If the tag is not in reparse_tag, all other members are empty.
struct CIM_EXPORT ReparsePoint {
  std::uint32_t tag = 0;
  std::u16string substitute_name{};  ///< target in the kernel's form
  std::u16string print_name{};       ///< target for display; often empty for mount points
  bool is_relative = false;          ///< symbolic links only: relative to the directory of the link

  bool operator==(const ReparsePoint&) const = default;

  /// Returns true if the tag is one of reparse_tag.
  bool has_names() const noexcept;

  /// Decodes a buffer. Throws what parse_reparse_tag() throws, and kCorrupt for names outside the
  /// buffer.
  static ReparsePoint parse(std::span<const std::byte> buffer);

  /// Returns a symbolic link or mount point to `target`, a Windows path in WTF-8 with `\` or `/`
  /// between the names. is_relative is set for a symbolic link to a relative path. Throws
  /// kInvalidArgument for other tags, for NULs and for text that is not WTF-8.
  static ReparsePoint pointing_to(std::uint32_t tag, std::string_view target);

  /// Returns the target for display: the print name or, if that is empty, the substitute name
  /// without its kernel prefix. Empty for a tag without names.
  std::u16string target() const;

  /// Returns the buffer: the substitute name first, each name followed by a NUL. Throws kLimit if
  /// it exceeds kMaxReparseBufferSize, kInvalidArgument for a tag without names.
  std::vector<std::byte> encode() const;
};

}  // namespace cim
