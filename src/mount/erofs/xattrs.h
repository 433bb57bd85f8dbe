// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Extended attributes of inodes, which hold NTFS metadata and alternate streams. Values that many
// files have are stored once, outside the inodes.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/image.h"

#include "base/bytes.h"
#include "image/read/directory_visits.h"
#include "mount/base/ntfs_xattrs.h"
#include "mount/erofs/disk_structs.h"
#include "mount/erofs/metadata_file.h"
#include "mount/erofs/seal.h"
#include "os/seeded_hash.h"

namespace cim::mount::erofs {

/// Name prefixes, with their numbers on disk.
enum class XattrPrefix : std::uint8_t {
  kUser = 1,     ///< "user.", for files and directories only
  kTrusted = 4,  ///< "trusted.", visible only to root
};

/// An inode stores the size of its attributes as a 16-bit count of words.
inline constexpr std::size_t kMaxXattrBytes = 12 + 4 * std::size_t{65534};
inline constexpr std::size_t kMaxXattrValue = 65535;

/// Encodes one attribute for the disk. The name excludes the prefix and has at most 255 bytes, the
/// value at most kMaxXattrValue.
Bytes encode_xattr(XattrPrefix prefix, std::string_view name, ByteView value);

/// The attributes that are stored once.
class SharedXattrs {
 public:
  explicit SharedXattrs(MetadataFile& file) noexcept : file_(file) {}

  /// Returns the id by which inodes refer to an attribute, the same for equal ones; nullopt once
  /// the table uses too much memory, which means that few are shared. The attribute then belongs in
  /// the inode.
  std::optional<std::uint32_t> id_of(const Bytes& encoded);

 private:
  MetadataFile& file_;
  SeededMap<std::string, std::uint32_t> ids_;
  std::size_t memory_ = 0;
};

/// The attributes of one inode.
class XattrBody {
 public:
  /// Returns true if another attribute of that size fits.
  bool has_room_for(std::size_t encoded_size) const noexcept {
    return size() + encoded_size <= kMaxXattrBytes;
  }
  void add(const Bytes& encoded) { append(own_, encoded); }
  void add_shared(std::uint32_t id) { append(shared_, Le32(id)); }

  /// Returns the number of bytes after the inode; 0 if there are no attributes.
  std::size_t size() const noexcept;
  /// Returns the count field of the inode.
  std::uint16_t count() const noexcept;
  Bytes encode() const;

 private:
  Bytes shared_;
  Bytes own_;
};

/// Returns all attributes of a file; `is_link` says whether it appears as a link. Security
/// descriptors and attributes are shared. Streams that cannot be shown are added to `omissions`,
/// under the file's `path`.
XattrBody xattrs_of_file(const Image& image, const FileInfo& info, bool is_link,
                         StreamXattrs streams, SharedXattrs& shared, Omissions& omissions,
                         TableBudget& budget, const std::function<std::string()>& path);

}  // namespace cim::mount::erofs
