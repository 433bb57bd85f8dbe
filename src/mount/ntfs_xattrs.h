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

/// The largest value, the longest name, and the longest list of names, each with a NUL, that Linux
/// lets through.
inline constexpr std::size_t kMaxXattrSize = 65536;
inline constexpr std::size_t kMaxXattrName = 255;
inline constexpr std::size_t kMaxXattrList = 65536;

/// FILE_ATTRIBUTE_*, kNormal for none, as four bytes.
Bytes attributes_value(const FileInfo& info, std::endian order);
/// Creation, last write, last access and change as four times eight bytes.
Bytes times_value(const FileInfo& info, std::endian order);

/// The list of NTFS's own extended attributes as it lies on a volume. Throws kCorrupt for one that
/// is none.
Bytes ea_value(const Image& image, const FileInfo& info);

/// Whether an attribute user.NAME of that stream would be an order to Linux or to a program on it:
/// a directory's stream overlay.opaque, say, would make overlays hide what lies below. Such streams
/// are not shown as attributes. Taken without regard to case, as streams have none.
bool is_steering_name(std::string_view stream) noexcept;

struct XattrNames {
  std::vector<std::string> names{};   ///< in the order above
  std::vector<std::string> hidden{};  ///< streams that cannot be shown so, by their own names
};

/// The names of those that a file has. Hidden are streams whose names are longer than Linux takes
/// or find no room in a list, and those for which is_steering_name() holds.
XattrNames xattr_names(const Image& image, FileId file, StreamXattrs streams);

/// The value, or nothing if the file has no attribute of that name. Throws kLimit for a stream of
/// more than kMaxXattrSize bytes.
std::optional<Bytes> xattr_value(const Image& image, FileId file, std::string_view name,
                                 StreamXattrs streams);

}  // namespace cim::mount
