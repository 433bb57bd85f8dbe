// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/whiteouts.h"

#include <string_view>
#include <utility>
#include <vector>

#include "cimlib/error.h"

#include "base/upcase.h"

namespace cim::layer {
namespace {

bool is(std::u16string_view name, std::u16string_view other) {
  return compare_ignoring_case(name, other) == 0;
}

/// How many names lead to a root of files; 0 for paths that are below none.
std::size_t depth_of_root(const ImagePath& path) {
  const auto& names = path.names();
  if (!names.empty() && is(names[0], u"Files")) {
    return 1;
  }
  return names.size() > 1 && is(names[0], u"UtilityVM") && is(names[1], u"Files") ? 2 : 0;
}

}  // namespace

void Whiteouts::hide(const ImagePath& path) {
  const std::size_t root = depth_of_root(path);
  if (root == 0 || path.names().size() == root) {
    throw Error(ErrorCode::kCorrupt, path.to_string(),
                "a whiteout, and only what is below Files or UtilityVM\\Files can be hidden");
  }
  if (!hide_whole(path)) {
    hide_below(path);
  }
}

void Whiteouts::hide_children(const ImagePath& directory) {
  if (depth_of_root(directory) == 0) {
    throw Error(ErrorCode::kCorrupt, directory.to_string(),
                "an opaque marker, and only what is below Files or UtilityVM\\Files can be hidden");
  }
  hide_below(directory);
}

// Each directory of the parent is gone through once at most, however many markers name it or those
// above it: a tar only adds, so that what was taken away stays away.
void Whiteouts::hide_below(const ImagePath& directory) {
  struct Place {
    ImagePath path;
    FileId id;
  };
  std::vector<Place> left;
  if (const auto id = parent_.find(directory)) {
    left.push_back({directory, *id});
  }
  while (!left.empty()) {
    auto [path, id] = std::move(left.back());
    left.pop_back();
    if (!parent_.info(id).is_directory() || !emptied_.insert(id).second) {
      continue;
    }
    for (const DirectoryEntry& entry : parent_.list(id)) {
      path = std::move(path).child(entry.name);
      if (!hide_whole(path)) {
        left.push_back({path, entry.id});
      }
      path = std::move(path).parent();
    }
  }
}

// Returns false for a directory that is the tar's now or holds something of it; what it has of the
// parent is still to be hidden.
bool Whiteouts::hide_whole(const ImagePath& path) {
  const LayerNames::Kind* const added = added_.find(path);
  if (added == nullptr) {
    layer_.remove(path);
  }
  return added == nullptr || *added == LayerNames::Kind::kOther;
}

}  // namespace cim::layer
