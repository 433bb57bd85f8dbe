// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What NTFS keeps of a file as extended attributes, under the names and in the forms of ntfs-3g:
//
//   system.ntfs_acl                 the security descriptor, self-relative
//   system.ntfs_attrib, …_be        attributes (FILE_ATTRIBUTE_*): an integer of 32 bits in the
//                                   machine's order, and one in big-endian order
//   system.ntfs_times, …_be         creation, last write, last access, change: four FILETIMEs of 64
//                                   bits, in either order; not the order in which an image has them
//   system.ntfs_reparse_data        the reparse buffer with its header
//   system.ntfs_ea                  the list of NTFS's own extended attributes
//   user.NAME                       the alternate stream NAME
//
// ntfs-3g answers to the first five groups without listing them; here they are listed too.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/image.h"

#include "base/bytes.h"

namespace cim::mount {

enum class StreamXattrs { kHidden, kShown };

/// The largest value, and the longest name, that Linux lets through.
inline constexpr std::size_t kMaxXattrSize = 65536;
inline constexpr std::size_t kMaxXattrName = 255;

/// The names of those that a file has, in the order above. A stream with a longer name than Linux
/// takes is left out.
std::vector<std::string> xattr_names(const Image& image, FileId file, StreamXattrs streams);

/// The value, or nothing if the file has no attribute of that name. Throws kLimit for a stream of
/// more than kMaxXattrSize bytes.
std::optional<Bytes> xattr_value(const Image& image, FileId file, std::string_view name,
                                 StreamXattrs streams);

}  // namespace cim::mount
