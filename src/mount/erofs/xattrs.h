// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Extended attributes of inodes. Those whose values many files have are kept once, apart from the
// inodes, and referred to.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "mount/erofs/disk_structs.h"
#include "mount/erofs/metadata_file.h"
#include "os/seeded_hash.h"

namespace cim::mount::erofs {

/// What names begin with; the numbers are those on disk.
enum class XattrPrefix : std::uint8_t {
  kUser = 1,     ///< "user.", of files and directories alone
  kTrusted = 4,  ///< "trusted.", for root's eyes
};

/// An inode counts the bytes of its attributes in 16 bits, in words.
inline constexpr std::size_t kMaxXattrBytes = 12 + 4 * std::size_t{65534};
inline constexpr std::size_t kMaxXattrValue = 65535;

/// One attribute as it lies on disk. The name is without what the prefix stands for and has at most
/// 255 bytes, the value at most kMaxXattrValue.
Bytes encode_xattr(XattrPrefix prefix, std::string_view name, ByteView value);

/// The attributes that are kept once.
class SharedXattrs {
 public:
  explicit SharedXattrs(MetadataFile& file) noexcept : file_(file) {}

  /// By what inodes refer to an attribute; the same for equal ones. Nothing once they take so much
  /// memory that they are hardly shared; then it belongs to the inode.
  std::optional<std::uint32_t> id_of(const Bytes& encoded);

 private:
  MetadataFile& file_;
  SeededMap<std::string, std::uint32_t> ids_;
  std::size_t memory_ = 0;
};

/// The attributes of one inode.
class XattrBody {
 public:
  /// Whether another one of so many bytes has room.
  bool has_room_for(std::size_t encoded_size) const noexcept {
    return size() + encoded_size <= kMaxXattrBytes;
  }
  void add(const Bytes& encoded) { append(own_, encoded); }
  void add_shared(std::uint32_t id) { append(shared_, Le32(id)); }

  /// Bytes behind the inode; 0 without any attribute.
  std::size_t size() const noexcept;
  /// As the inode has it.
  std::uint16_t count() const noexcept;
  Bytes encode() const;

 private:
  Bytes shared_;
  Bytes own_;
};

}  // namespace cim::mount::erofs
