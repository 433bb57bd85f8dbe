// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <climits>

#include "cimlib/reparse.h"

#include "image/link_target.h"
#include "image/symlink_targets.h"

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
  depths_ = {depth};
}

// Where a directory lies below its volume's root, given where its parent does.
std::size_t SymlinkTargets::depth_of(FileId directory, std::size_t parent) const {
  return std::ranges::find(roots_, directory) == roots_.end() ? parent + 1 : 0;
}

SymlinkTargets::Answer SymlinkTargets::target_of(const FileInfo& info) const {
  if (!info.is_reparse_point()) {
    return {};
  }
  if (!is_link_tag(info.reparse_tag)) {
    return {{}, "a reparse point of a kind that this system has not"};
  }
  if (info.is_directory() && !image_.list(info.id).empty()) {
    return {{}, "is a link and has entries"};
  }
  const auto point = ReparsePoint::parse(image_.reparse_data(info.id));
  const std::u16string text = point.target();
  if (text.empty() || text.find(u'\0') != std::u16string::npos) {
    return {{}, "leads to what can't be a path"};
  }
  std::string target = posix_link_target(point, depths_.back());
  if (target.size() >= PATH_MAX) {
    return {{}, "leads to a path that is too long for this system"};
  }
  return {std::move(target), {}};
}

}  // namespace cim
