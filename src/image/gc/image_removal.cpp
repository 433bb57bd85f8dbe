// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/gc/image_removal.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "image/read/region_files.h"
#include "os/host_path.h"
#include "os/system_error.h"

namespace cim {
namespace {

// Throws if that cannot be determined: listed as its own relative, an image would keep its files.
bool are_same(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code error;
  const bool same = std::filesystem::equivalent(a, b, error);
  if (error) {
    throw_system_error(error, b.string(), "access");
  }
  return same;
}

// Region files beyond the number in the header, too: the remains of a set are useless. A link or a
// directory of such a name was not made by the library.
std::map<Guid, std::vector<std::filesystem::path>> parts_in(
    const std::filesystem::path& directory) {
  std::map<Guid, std::vector<std::filesystem::path>> parts;
  for (const std::filesystem::directory_entry& entry : entries_of(directory)) {
    if (const auto part = parse_part_name_ignoring_case(entry.path().filename().string())) {
      parts[part->region_set].push_back(entry.path());
    }
  }
  return parts;
}

std::set<Guid> sets_of(const ImageHeader& image) {
  std::set<Guid> sets = {image.header.own.guid};
  for (const format::RegionSetEntry& parent : image.header.parents) {
    sets.insert(parent.guid);
  }
  return sets;
}

}  // namespace

ImageRemoval::ImageRemoval(const std::filesystem::path& directory, const LockTimeout& lock_timeout)
    : directory_(directory), lock_(std::in_place, directory, lock_timeout) {
  list();
}

ImageRemoval::ImageRemoval(const std::filesystem::path& directory) : directory_(directory) {
  list();
}

void ImageRemoval::list() {
  listing_ = list_store(directory_);
  parts_ = parts_in(directory_);
  for (std::size_t i = 0; i < listing_.size(); ++i) {
    by_name_.emplace(listing_[i].path.filename(), i);
    for (const Guid& set : sets_of(listing_[i])) {
      users_[set].insert(i);
    }
  }
}

// An image usually has one name, so the others are compared only if it is a link.
ImageRemoval::Members ImageRemoval::members_of(const std::filesystem::path& image) const {
  Members itself;
  const auto named = by_name_.find(image.filename());
  std::error_code unknown;
  if (named != by_name_.end() && std::filesystem::hard_link_count(image, unknown) == 1 &&
      !unknown && are_same(listing_[named->second].path, image)) {
    itself.insert(named->second);
    return itself;
  }
  for (const auto& [name, index] : by_name_) {
    if (are_same(listing_[index].path, image)) {
      itself.insert(index);
    }
  }
  return itself;
}

// An image that shares the region set needs only its files, which are kept; a fork names the image
// itself as its parent.
void ImageRemoval::refuse_if_forked(const std::filesystem::path& image, const Guid& own,
                                    const Members& itself) const {
  std::string names;
  if (const auto users = users_.find(own); users != users_.end()) {
    for (const std::size_t user : users->second) {
      if (itself.contains(user)) {
        continue;
      }
      if (listing_[user].header.own.guid == own) {
        return;
      }
      names += (names.empty() ? "" : ", ") + listing_[user].path.filename().string();
    }
  }
  if (!names.empty()) {
    throw Error(ErrorCode::kBusy, image.string(), fmt::format("other images need it: {}", names));
  }
}

void ImageRemoval::require_removable(const std::filesystem::path& image) const {
  refuse_if_forked(image, read_filesystem_header(image).own.guid, members_of(image));
}

void ImageRemoval::remove(const std::filesystem::path& image) {
  const ImageHeader member = {image, read_filesystem_header(image)};
  const Members itself = members_of(image);
  refuse_if_forked(image, member.header.own.guid, itself);
  // Once the removal of the image is on disk, whatever a crash leaves is garbage. So the call
  // does not wait for the rest, which may be gigabytes and take longest.
  remove_file(image);
  sync_directory(directory_);
  for (const std::size_t index : itself) {
    by_name_.erase(listing_[index].path.filename());
  }
  for (const Guid& set : sets_of(member)) {
    Members& users = users_[set];
    for (const std::size_t index : itself) {
      users.erase(index);
    }
    if (!users.empty()) {
      continue;
    }
    for (const std::filesystem::path& part : parts_[set]) {
      if (std::filesystem::is_regular_file(link_status_of(part))) {
        remove_file(part);
      }
    }
    parts_.erase(set);
  }
}

}  // namespace cim
