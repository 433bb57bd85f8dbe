// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/find/criteria.h"

#include <algorithm>

#include "cimlib/reparse.h"

#include "image/read/image_reader.h"

namespace cim {
namespace {

constexpr std::size_t kMostDescriptors = 4096;

bool contains(const std::vector<EntryKind>& kinds, EntryKind kind) {
  return std::ranges::find(kinds, kind) != kinds.end();
}

}  // namespace

FindCriteria::FindCriteria(const Image& image, const FindOptions& options)
    : image_(image), options_(options) {
  if (contains(options.kinds, EntryKind::kHardLink)) {
    for (const LinkCount& file : image.link_counts(options.stop)) {
      hard_linked_.insert(file.file);
    }
  }
}

// Asks for the cheapest criteria first.
bool FindCriteria::accepts(const ImagePath& path, const FileInfo& info) {
  return accepts_record(info) && accepts_name(path) && accepts_descriptor(info.id);
}

bool FindCriteria::accepts_name(const ImagePath& path) const {
  const auto matches_path = [&](const Glob& glob) { return glob.matches(path.names()); };
  const auto matches_name = [&](const Glob& glob) { return glob.matches(path.name()); };
  const bool has_name = !path.names().empty();  // the root has none
  return (options_.paths.empty() || std::ranges::any_of(options_.paths, matches_path)) &&
         (options_.names.empty() ||
          (has_name && std::ranges::any_of(options_.names, matches_name)));
}

bool FindCriteria::accepts_record(const FileInfo& info) const {
  const FileTime written = info.times.last_write;
  return (info.attributes & options_.with_attributes) == options_.with_attributes &&
         (info.attributes & options_.without_attributes) == 0 &&
         (!options_.newer_than || written > *options_.newer_than) &&
         (!options_.older_than || written < *options_.older_than) &&
         (!options_.has_streams || info.has_streams) &&
         (!options_.is_reparse_point || info.is_reparse_point()) &&
         (!options_.reparse_tag || info.reparse_tag == *options_.reparse_tag);
}

bool FindCriteria::accepts_descriptor(FileId id) {
  if (!options_.owner && !options_.sddl) {
    return true;
  }
  const Bytes bytes = image_.security_descriptor(id);
  std::string key(as_text(bytes));
  if (const auto known = descriptors_.find(key); known != descriptors_.end()) {
    return known->second;
  }
  const bool accepted = is_accepted_descriptor(bytes);
  if (descriptors_.size() == kMostDescriptors) {
    descriptors_.clear();
  }
  descriptors_.emplace(std::move(key), accepted);
  return accepted;
}

bool FindCriteria::is_accepted_descriptor(ByteView bytes) const {
  const auto descriptor = SecurityDescriptor::parse(bytes);
  return (!options_.owner || descriptor.owner == options_.owner) &&
         (!options_.sddl || descriptor.to_sddl().find(*options_.sddl) != std::string::npos);
}

bool FindCriteria::accepts_file(const FileInfo& info) const {
  const auto is_kind = [&](EntryKind kind) { return is(kind, info); };
  return (options_.kinds.empty() || std::ranges::any_of(options_.kinds, is_kind)) &&
         accepts_size(info.size);
}

bool FindCriteria::is(EntryKind kind, const FileInfo& info) const {
  const bool is_link =
      info.reparse_tag == reparse_tag::kSymlink || info.reparse_tag == reparse_tag::kMountPoint;
  switch (kind) {
    case EntryKind::kFile:
      return !info.is_directory() && !is_link;
    case EntryKind::kDirectory:
      return info.is_directory();
    case EntryKind::kLink:
      return is_link;
    case EntryKind::kHardLink:
      return hard_linked_.contains(info.id);
    case EntryKind::kStream:
      break;
  }
  return false;
}

bool FindCriteria::accepts_streams() const {
  return contains(options_.kinds, EntryKind::kStream);
}

bool FindCriteria::accepts_size(std::uint64_t size) const {
  return (!options_.min_size || size >= *options_.min_size) &&
         (!options_.max_size || size <= *options_.max_size);
}

}  // namespace cim
