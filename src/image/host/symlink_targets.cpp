// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/host/symlink_targets.h"

#include <algorithm>
#include <utility>

#include "cimlib/error.h"

namespace cim {

SymlinkTargets::SymlinkTargets(const Image& image, const ImagePath& from)
    : image_(image), roots_(volume_roots(image)) {
  std::size_t depth = 0;
  FileId at = image_.root();
  for (const std::u16string& name : from.names()) {
    at = image_.find_child(at, name).value_or(at);
    if (image_.info(at).is_directory()) {
      depth = depth_of(at, depth);
    }
  }
  places_ = {{.depth = depth, .reach = 0}};
}

void SymlinkTargets::enter(FileId directory) {
  const LinkPlace& above = places_.back();
  places_.push_back({.depth = depth_of(directory, above.depth), .reach = above.reach + 1});
}

// Returns the depth of a directory below its volume's root, given its parent's depth.
std::size_t SymlinkTargets::depth_of(FileId directory, std::size_t parent) const {
  return std::ranges::find(roots_, directory) == roots_.end() ? parent + 1 : 0;
}

// A directory that is a link and has entries cannot become a symbolic link, because its entries
// could not be written.
SymlinkTargets::Target SymlinkTargets::target_of(const FileInfo& info) const {
  if (!info.is_reparse_point()) {
    return {};
  }
  if (!is_link_tag(info.reparse_tag)) {
    return {{}, "a reparse point of a type that this system does not have"};
  }
  if (info.is_directory() && !image_.list(info.id).empty()) {
    return {{}, "it is a link and has entries"};
  }
  LinkTarget target = posix_link_target(image_.reparse_data(info.id), places_.back());
  if (!target.obstacle.empty()) {
    return {{}, target.obstacle};
  }
  return {std::move(target.text), {}};
}

}  // namespace cim
