// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/link_counts.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "cimlib/error.h"

namespace cim::mount {
namespace {

std::optional<bool> is_directory(const Image& image, FileId id) {
  try {
    return image.info(id).is_directory();
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::vector<DirectoryEntry> readable_list(const Image& image, FileId directory) {
  try {
    return image.list(directory);
  } catch (const Error&) {
    return {};
  }
}

/// One element for every name of a file that is no directory; nothing if there are too many.
std::vector<FileId> files_by_name(const Image& image) {
  std::vector<FileId> files;
  std::unordered_set<FileId> seen = {image.root()};
  std::vector<FileId> directories = {image.root()};
  std::size_t names = 0;
  while (!directories.empty()) {
    const auto entries = readable_list(image, directories.back());
    directories.pop_back();
    names += entries.size();
    if (names > LinkCounts::kMaxCountedNames) {
      return {};
    }
    for (const DirectoryEntry& entry : entries) {
      const auto directory = is_directory(image, entry.id);
      if (directory == false) {
        files.push_back(entry.id);
      } else if (directory == true && seen.insert(entry.id).second) {
        directories.push_back(entry.id);
      }
    }
  }
  return files;
}

}  // namespace

LinkCounts::LinkCounts(const Image& image) {
  std::vector<FileId> files = files_by_name(image);
  std::ranges::sort(files);
  for (auto run = files.begin(); run != files.end();) {
    const auto end = std::upper_bound(run, files.end(), *run);
    if (end - run > 1) {
      several_.emplace_back(*run, static_cast<std::uint32_t>(end - run));
    }
    run = end;
  }
  several_.shrink_to_fit();
}

std::uint32_t LinkCounts::of(FileId file) const noexcept {
  const auto found =
      std::ranges::lower_bound(several_, file, {}, &std::pair<FileId, std::uint32_t>::first);
  return found != several_.end() && found->first == file ? found->second : 1;
}

}  // namespace cim::mount
