// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/commit/upper_streams.h"

#include <algorithm>
#include <set>
#include <string>

#include "cimlib/wtf8.h"

#include "base/upcase.h"
#include "image/host/host_metadata.h"
#include "ntfs/ntfs_3g.h"

namespace cim::layer {
namespace {

// EROFS mounts show less than FUSE mounts: values of less than 64 KiB, and 256 KiB of names and
// values in all.
constexpr std::uint64_t kLargestShown = 65535;
constexpr std::uint64_t kMostShown = 262136;

bool has_shown_name(const StreamInfo& stream) {
  const std::string name = to_wtf8(stream.name);
  return !is_reserved_stream_name(name) &&
         name.size() + ntfs_xattr::kStreamPrefix.size() <= kMaxXattrName &&
         std::ranges::find(stored_ntfs_xattr::kAll, name) == stored_ntfs_xattr::kAll.end();
}

bool is_shown(const StreamInfo& stream) {
  return has_shown_name(stream) && stream.size <= kLargestShown;
}

// FUSE mounts list the attribute of such a stream, but Linux cannot return its value, so overlayfs
// refuses to copy the file.
bool prevents_copies(const StreamInfo& stream) {
  return has_shown_name(stream) && stream.size > kMaxXattrSize;
}

// Which of more streams a mount shows depends on its kind, so any that is missing may be hidden.
bool are_too_many(const std::vector<StreamInfo>& streams) {
  std::uint64_t names = 0;
  std::uint64_t all = 0;
  for (const StreamInfo& stream : streams) {
    const std::uint64_t name = ntfs_xattr::kStreamPrefix.size() + 4 * stream.name.size() + 1;
    names += name;
    all += name + std::min(stream.size, kMostShown);
  }
  return names > kMaxXattrList / 2 || all > kMostShown / 2;
}

// Names that are the same to Windows are equal here.
std::set<std::u16string> names_of(const UpperEntry& entry) {
  std::set<std::u16string> names;
  for (const std::string& stream : entry.streams()) {
    names.insert(upcase(to_utf16(stream).value_or(u"")));
  }
  return names;
}

// Tells whether a file that has the name of `source` is a copy of it where the overlay did not
// record it. Copies from EROFS mounts have the times of their source as an attribute. Those from
// FUSE mounts have only its streams.
bool is_evident_copy(const UpperEntry& entry, const Image& image, FileId source,
                     const std::vector<StreamInfo>& streams,
                     const std::set<std::u16string>& copied) {
  if (const auto stored = stored_ntfs_metadata_of(entry.host())) {
    return stored->times == image.info(source).times;
  }
  return std::ranges::none_of(streams, prevents_copies) &&
         std::ranges::any_of(streams, [&](const StreamInfo& stream) {
           return copied.contains(upcase(stream.name));
         });
}

}  // namespace

std::vector<StreamInfo> streams_not_copied(const UpperEntry& entry, const Image& image,
                                           FileId source, bool had_attributes) {
  std::vector<StreamInfo> streams = image.streams(source);
  const bool keeps_all = !had_attributes || are_too_many(streams);
  const std::set<std::u16string> copied = names_of(entry);
  const bool may_be_new =
      had_attributes && entry.host().kind() == HostKind::kFile && !entry.is_copied();
  if (may_be_new && !is_evident_copy(entry, image, source, streams, copied)) {
    return {};
  }
  std::erase_if(streams, [&](const StreamInfo& stream) {
    return (!keeps_all && is_shown(stream)) || copied.contains(upcase(stream.name));
  });
  return streams;
}

}  // namespace cim::layer
