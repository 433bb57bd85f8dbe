// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/losses.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

namespace cim::mount::erofs {
namespace {

constexpr std::size_t kMaxExamples = 10;

// Half of the longest path, as every name has a separator.
constexpr std::size_t kMaxDepth = kMaxPathUnits / 2;

constexpr std::array<std::string_view, kLossKinds> kWords = {
    "names of more than 255 bytes, with all below them",
    "streams of more than 65535 bytes",
    "streams whose names cannot be those of extended attributes",
    "streams that find no room beside the others of their file",
    "streams of links",
};

}  // namespace

void Losses::add(LossKind kind, const std::function<std::string()>& path) {
  Kind& found = kinds_[static_cast<std::size_t>(kind)];
  ++found.count;
  if (found.examples.size() < kMaxExamples) {
    found.examples.push_back(path());
  }
}

std::vector<Loss> Losses::list() const {
  std::vector<Loss> losses;
  for (std::size_t i = 0; i < kLossKinds; ++i) {
    if (kinds_[i].count != 0) {
      losses.push_back({.what = std::string(kWords[i]),
                        .count = kinds_[i].count,
                        .examples = kinds_[i].examples});
    }
  }
  return losses;
}

std::string path_of_directory(const Image& image, FileId directory) {
  std::string path;
  for (std::size_t depth = 0; directory != image.root(); ++depth) {
    const FileId parent = image.info(directory).parent;
    if (parent == 0) {
      return ".../" + path;  // images of version 1 do not tell
    }
    const auto entries = image.list(parent);
    const auto found = std::ranges::find(entries, directory, &DirectoryEntry::id);
    if (found == entries.end() || depth == kMaxDepth) {
      throw Error(ErrorCode::kCorrupt, image.path().string(),
                  "the parents of a directory do not lead to the root");
    }
    path.insert(0, to_wtf8(found->name) + "/");
    directory = parent;
  }
  return path;
}

}  // namespace cim::mount::erofs
