// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/installed_version.h"

#include "appx/part_name.h"

namespace cim::appx {

PackageBase::PackageBase(const std::filesystem::path& image, const std::stop_token& stop)
    : comparison_(image) {
  for (const LinkCount& count : comparison_.image().link_counts(stop)) {
    linked_.insert(count.file);
  }
}

InstalledVersion::InstalledVersion(const PackageBase& base, const ImagePath& directory,
                                   const PartList& parts)
    : base_(base),
      parts_(parts),
      top_(base_.image().find(directory).value()),
      files_(parts.size(), FileId{0}) {
  DirectoryVisits visits(base_.image());
  match(visits.enter(top_), std::nullopt);
  for (std::size_t part = 0; part < parts.size(); ++part) {  // directories come first
    if (files_[part] != 0 && parts.is_directory(part)) {
      match(visits.enter(files_[part]), part);
    }
  }
}

// A damaged directory may have a name twice; the first one counts.
void InstalledVersion::match(const DirectoryEntries& entries, std::optional<std::size_t> part) {
  for (const DirectoryEntry& entry : entries) {
    const auto child = parts_.find_child(part, entry.name);
    if (!child || parts_.is_directory(*child) != base_.comparison().is_directory(entry.id)) {
      others_.push_back({part, std::u16string(entry.name)});
    } else if (files_[*child] == 0) {
      files_[*child] = entry.id;
    }
  }
}

void InstalledVersion::remove_others(const ImagePath& directory, ImageWriter& writer) const {
  for (const Other& other : others_) {
    const ImagePath below = other.directory ? parts_.part(*other.directory).name.path : ImagePath();
    writer.remove(joined_paths(directory, below).child(other.name));
  }
}

bool InstalledVersion::has_metadata(FileId file, const FileMetadata& metadata) const {
  return file != 0 && base_.comparison().has_metadata(file, metadata) &&
         base_.comparison().streams(file).empty();
}

bool InstalledVersion::has_top(const FileMetadata& metadata) const {
  return has_metadata(top_, metadata);
}

bool InstalledVersion::has_directory(std::size_t part, const FileMetadata& metadata) const {
  return has_metadata(files_[part], metadata);
}

bool InstalledVersion::has_file(std::size_t part, const FileMetadata& metadata, std::uint64_t size,
                                const BaseComparison::Read& read) const {
  const FileId file = files_[part];
  return has_metadata(file, metadata) && base_.image().info(file).size == size &&
         base_.comparison().has_data(file, read);
}

bool InstalledVersion::can_replace(std::size_t part) const {
  const FileId file = files_[part];
  return file != 0 && !base_.has_other_names(file) && base_.comparison().streams(file).empty();
}

}  // namespace cim::appx
