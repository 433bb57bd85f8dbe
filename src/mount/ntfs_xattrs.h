// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What NTFS keeps of a file as extended attributes: those of ntfs/xattr_names.h. ntfs-3g answers to
// all but the streams without listing them; here they are listed too.

#include <bit>
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

/// FILE_ATTRIBUTE_*, kNormal for none, as four bytes.
Bytes attributes_value(const FileInfo& info, std::endian order);
/// Creation, last write, last access and change as four times eight bytes.
Bytes times_value(const FileInfo& info, std::endian order);

/// The list of NTFS's own extended attributes as it lies on a volume. Throws kCorrupt for one that
/// is none.
Bytes ea_value(const Image& image, const FileInfo& info);

/// The names of those that a file has, in the order above. A stream with a longer name than Linux
/// takes is left out.
std::vector<std::string> xattr_names(const Image& image, FileId file, StreamXattrs streams);

/// The value, or nothing if the file has no attribute of that name. Throws kLimit for a stream of
/// more than kMaxXattrSize bytes.
std::optional<Bytes> xattr_value(const Image& image, FileId file, std::string_view name,
                                 StreamXattrs streams);

}  // namespace cim::mount
