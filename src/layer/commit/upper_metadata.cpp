// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/commit/upper_metadata.h"

#include <utility>

#include "cimlib/attributes.h"

namespace cim::layer {
namespace {

// The first and last second that common file systems can store. They store the nearest one for any
// other, so that it does not mean that the file was written.
constexpr std::int64_t kFirstSecond = -(std::int64_t{1} << 31);
constexpr std::int64_t kLastSecond = (std::int64_t{1} << 34) - (std::int64_t{1} << 31) - 1;

bool is_same_time(FileTime in_image, FileTime on_host) {
  const std::int64_t image = in_image.to_unix().seconds;
  const std::int64_t host = on_host.to_unix().seconds;
  return in_image == on_host || (host == kFirstSecond && image < kFirstSecond) ||
         (host == kLastSecond && image > kLastSecond);
}

// Overlays copy the modification time and mode of a file, so these tell what changed since then.
HostMetadata with_changes(HostMetadata metadata, const HostEntry& entry, TimesOfFiles which) {
  const FileTimes host = entry.times(which);
  if (!is_same_time(metadata.times.last_write, host.last_write)) {
    metadata.times.last_write = host.last_write;
    metadata.times.last_access = host.last_access;
    metadata.times.change = host.change;
    metadata.attributes |= entry.kind() == HostKind::kFile ? attribute::kArchive : 0;
  }
  if (entry.kind() != HostKind::kSymlink) {
    metadata.attributes &= ~attribute::kReadOnly;
    metadata.attributes |= entry.is_writable() ? 0 : attribute::kReadOnly;
  }
  if (entry.kind() == HostKind::kDirectory) {
    metadata.attributes |= attribute::kDirectory;
  }
  return metadata;
}

}  // namespace

HostKind shown_kind(const Image& image, const FileInfo& info, const LinkPlace& place) {
  const bool is_link = info.is_reparse_point() && is_link_tag(info.reparse_tag) &&
                       !posix_link_target(image.reparse_data(info.id), place).text.empty();
  return is_link               ? HostKind::kSymlink
         : info.is_directory() ? HostKind::kDirectory
                               : HostKind::kFile;
}

bool is_shown_link(const Image& image, const FileInfo& info, const LinkPlace& place,
                   const std::string& target) {
  return info.is_reparse_point() && is_link_tag(info.reparse_tag) &&
         posix_link_target(image.reparse_data(info.id), place).text == target;
}

HostMetadata metadata_in_image(const Image& image, const FileInfo& info) {
  return {.attributes = info.attributes,
          .times = info.times,
          .security_descriptor = image.security_descriptor(info.id),
          .extended_attributes = image.extended_attributes(info.id),
          .reparse_data = image.reparse_data(info.id)};
}

HostMetadata metadata_of_entry(const UpperEntry& entry, const Image& parent,
                               std::optional<FileId> source, TimesOfFiles times) {
  const HostEntry& host = entry.host();
  if (ntfs_metadata_of(host)) {
    return metadata_of(host, times, OwnXattrs::kIgnore);
  }
  if (auto stored = stored_ntfs_metadata_of(host)) {
    return with_changes(*std::move(stored), host, times);
  }
  if (source) {
    return with_changes(metadata_in_image(parent, parent.info(*source)), host, times);
  }
  return metadata_of(host, times, OwnXattrs::kIgnore);
}

bool is_changed(const UpperEntry& directory, const Image& parent, FileId below,
                TimesOfFiles times) {
  const FileInfo info = parent.info(below);
  const HostMetadata now = metadata_of_entry(directory, parent, below, times);
  const HostMetadata before = metadata_in_image(parent, info);
  return info.has_streams || !directory.streams().empty() || now.times != before.times ||
         now.attributes != before.attributes ||
         now.security_descriptor != before.security_descriptor ||
         now.extended_attributes != before.extended_attributes ||
         now.reparse_data != before.reparse_data;
}

}  // namespace cim::layer
