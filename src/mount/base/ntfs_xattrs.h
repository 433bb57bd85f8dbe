// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// NTFS metadata as extended attributes, with the names in ntfs/ntfs_3g.h. ntfs-3g lists only
// those for streams, though it returns all; here all are listed.

#include <bit>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/image.h"

#include "base/bytes.h"
#include "ntfs/ntfs_3g.h"

namespace cim::mount {

enum class StreamXattrs { kHidden, kShown };

/// Returns FILE_ATTRIBUTE_*, or kNormal if there are none, as four bytes.
Bytes attributes_value(const FileInfo& info, std::endian order);
/// Returns the times of creation, last write, last access and change, of eight bytes each.
Bytes times_value(const FileInfo& info, std::endian order);

/// Returns the list of NTFS extended attributes in the format of a volume. Throws kCorrupt if the
/// list is invalid.
Bytes ea_value(const Image& image, const FileInfo& info);

/// The extended attributes that a file has, and those that it cannot show.
struct XattrNames {
  std::vector<std::string> names{};   ///< system attributes first, then streams
  std::vector<std::string> hidden{};  ///< names of streams that cannot be shown as attributes
};

/// Returns the names of a file's attributes. Streams are hidden if their names are too long for
/// Linux or do not fit in the list, and if is_reserved_stream_name() is true for them.
XattrNames xattr_names(const Image& image, FileId file, StreamXattrs streams);

/// Returns the value; nullopt if the file has no attribute of that name. Throws kLimit for a stream
/// of more than kMaxXattrSize bytes.
std::optional<Bytes> xattr_value(const Image& image, FileId file, std::string_view name,
                                 StreamXattrs streams);

}  // namespace cim::mount
