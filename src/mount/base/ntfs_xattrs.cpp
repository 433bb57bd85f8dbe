// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/base/ntfs_xattrs.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/utf16.h"

namespace cim::mount {
namespace {

Bytes in_order(std::span<const std::uint64_t> values, std::size_t width, std::endian order) {
  Bytes bytes;
  for (const std::uint64_t value : values) {
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t place = order == std::endian::little ? i : width - 1 - i;
      bytes.push_back(static_cast<std::byte>(value >> (8 * place) & 0xFF));
    }
  }
  return bytes;
}

/// An attribute with NTFS metadata: a row is all that is needed for it to be listed and returned.
struct SystemXattr {
  std::string_view name;
  bool (*is_there)(const FileInfo&);
  Bytes (*value)(const Image&, const FileInfo&);
};

bool always(const FileInfo& /*info*/) {
  return true;
}

// clang-format off
constexpr std::array<SystemXattr, 7> kSystemXattrs = {{
    {ntfs_xattr::kAcl, always,
     [](const Image& image, const FileInfo& info) { return image.security_descriptor(info.id); }},
    {ntfs_xattr::kAttributes, always,
     [](const Image&, const FileInfo& info) { return attributes_value(info, std::endian::native); }},
    {ntfs_xattr::kAttributesBigEndian, always,
     [](const Image&, const FileInfo& info) { return attributes_value(info, std::endian::big); }},
    {ntfs_xattr::kTimes, always,
     [](const Image&, const FileInfo& info) { return times_value(info, std::endian::native); }},
    {ntfs_xattr::kTimesBigEndian, always,
     [](const Image&, const FileInfo& info) { return times_value(info, std::endian::big); }},
    {ntfs_xattr::kReparseData, [](const FileInfo& info) { return info.is_reparse_point(); },
     [](const Image& image, const FileInfo& info) { return image.reparse_data(info.id); }},
    {ntfs_xattr::kExtendedAttributes, [](const FileInfo& info) { return info.ea_size != 0; },
     ea_value},
}};
// clang-format on

std::optional<Bytes> stream_value(const Image& image, FileId file, std::string_view name) {
  const auto utf16 = to_utf16(name);
  if (!utf16) {
    return std::nullopt;
  }
  const auto stream = image.open_stream(file, *utf16);
  if (!stream) {
    return std::nullopt;
  }
  if (stream->size() > kMaxXattrSize) {
    throw Error(
        ErrorCode::kLimit, image.path().string(),
        fmt::format(
            "the stream {} of file {} has {} bytes; the limit for extended attributes is {}", name,
            file, stream->size(), kMaxXattrSize));
  }
  Bytes value(static_cast<std::size_t>(stream->size()));
  value.resize(stream->read(0, value));
  return value;
}

}  // namespace

Bytes attributes_value(const FileInfo& info, std::endian order) {
  const std::uint64_t attributes = info.attributes == 0 ? attribute::kNormal : info.attributes;
  return in_order(std::span(&attributes, 1), sizeof info.attributes, order);
}

Bytes times_value(const FileInfo& info, std::endian order) {
  const FileTimes& times = info.times;
  const std::array values = {times.creation.ticks, times.last_write.ticks, times.last_access.ticks,
                             times.change.ticks};
  return in_order(values, sizeof values[0], order);
}

Bytes ea_value(const Image& image, const FileInfo& info) {
  return ea_list_on_volume(image.extended_attributes(info.id));
}

XattrNames xattr_names(const Image& image, FileId file, StreamXattrs streams) {
  const FileInfo info = image.info(file);
  XattrNames result;
  for (const SystemXattr& xattr : kSystemXattrs) {
    if (xattr.is_there(info)) {
      result.names.emplace_back(xattr.name);
    }
  }
  if (streams == StreamXattrs::kShown && info.has_streams) {
    // listxattr(2) fails as a whole if the list is too long, and would hide even what fits.
    std::size_t list_size = 0;
    for (const std::string& name : result.names) {
      list_size += name.size() + 1;
    }
    for (const StreamInfo& stream : image.streams(file)) {
      std::string name = to_wtf8(stream.name);
      const std::size_t size = ntfs_xattr::kStreamPrefix.size() + name.size();
      if (is_reserved_stream_name(name) || size > kMaxXattrName ||
          list_size + size + 1 > kMaxXattrList) {
        result.hidden.push_back(std::move(name));
      } else {
        list_size += size + 1;
        result.names.push_back(std::string(ntfs_xattr::kStreamPrefix) + name);
      }
    }
  }
  return result;
}

std::optional<Bytes> xattr_value(const Image& image, FileId file, std::string_view name,
                                 StreamXattrs streams) {
  if (name.starts_with(ntfs_xattr::kStreamPrefix)) {
    const std::string_view stream = name.substr(ntfs_xattr::kStreamPrefix.size());
    return streams == StreamXattrs::kShown && !is_reserved_stream_name(stream)
               ? stream_value(image, file, stream)
               : std::nullopt;
  }
  const auto* const found = std::ranges::find(kSystemXattrs, name, &SystemXattr::name);
  if (found == kSystemXattrs.end()) {
    return std::nullopt;  // the kernel asks for some on every access: do not read the file
  }
  const FileInfo info = image.info(file);
  return found->is_there(info) ? std::optional(found->value(image, info)) : std::nullopt;
}

}  // namespace cim::mount
