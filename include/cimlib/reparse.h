// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reparse points: what makes a file or directory a symbolic link, a mount point (junction), or
// something that only a certain driver understands. The buffers are those of Windows
// (REPARSE_DATA_BUFFER, [MS-FSCC] 2.1.2), header included.
//
//   const auto link = cim::ReparsePoint::leading_to(cim::reparse_tag::kSymlink, "C:/Windows");
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
inline constexpr std::uint32_t kMountPoint = 0xA0000003;
inline constexpr std::uint32_t kSymlink = 0xA000000C;
}  // namespace reparse_tag

/// The most that Windows takes for a reparse buffer with its header.
inline constexpr std::size_t kMaxReparseBufferSize = 16384;

/// The tag of a sound reparse buffer: the data length in its header must account for all of its
/// bytes. What follows the header is not looked at. Throws kCorrupt (too short, another length, a
/// reserved tag) and kLimit (more than kMaxReparseBufferSize).
CIM_EXPORT std::uint32_t parse_reparse_tag(std::span<const std::byte> buffer);

/// A reparse point whose names cimlib knows if its tag is one of reparse_tag; for any other tag all
/// else is empty.
struct CIM_EXPORT ReparsePoint {
  std::uint32_t tag = 0;
  std::u16string substitute_name{};  ///< where it leads, as the kernel names it
  std::u16string print_name{};       ///< where it leads, for people; often empty in mount points
  bool is_relative = false;          ///< symbolic links only: starts from the link's own directory

  bool operator==(const ReparsePoint&) const = default;

  bool has_names() const noexcept;

  /// Throws what parse_reparse_tag() throws, and kCorrupt for names outside the buffer.
  static ReparsePoint parse(std::span<const std::byte> buffer);

  /// A symbolic link or mount point that leads to `target`, a Windows path in WTF-8 whose
  /// separators may be `/`. Throws kInvalidArgument for other tags, for NULs and for text that is
  /// no WTF-8.
  static ReparsePoint leading_to(std::uint32_t tag, std::string_view target);

  /// Where it leads, as people write it: the print name or, if that is empty, the substitute name
  /// without its kernel prefix. Empty for a tag without names.
  std::u16string target() const;

  /// The buffer, substitute name first, each name with a NUL behind it. Throws kLimit if that is
  /// more than kMaxReparseBufferSize, kInvalidArgument for a tag without names.
  std::vector<std::byte> encode() const;
};

}  // namespace cim
