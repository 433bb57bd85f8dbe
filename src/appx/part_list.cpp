// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/part_list.h"

#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "base/printable.h"
#include "base/upcase.h"

namespace cim::appx {
namespace {

// Paths of 32,767 units could have 16,000 levels, each of which is a directory of its own.
constexpr std::size_t kMaxLevels = 256;

std::string key_of(std::size_t directory, std::u16string_view name) {
  return fmt::format("{}/{}", directory, to_wtf8(upcase(name)));
}

[[noreturn]] void fail(const ZipArchive& archive, const std::string& name,
                       std::string_view reason) {
  throw Error(ErrorCode::kCorrupt, archive.bytes().name(),
              fmt::format("the name '{}' {}", printable(name), reason));
}

// Returns the path without its names after the first `levels`.
std::vector<ImagePath> paths_to(const ImagePath& path) {
  std::vector<ImagePath> paths;
  ImagePath at;
  for (const std::u16string& name : path.names()) {
    at = std::move(at).child(name);
    paths.push_back(at);
  }
  return paths;
}

}  // namespace

PartList::PartList(std::shared_ptr<const ZipArchive> archive) : archive_(std::move(archive)) {
  for (const ZipEntry& entry : archive_->entries()) {
    add(entry);
  }
}

const Part* PartList::find(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  return found == by_name_.end() ? nullptr : &parts_[found->second];
}

// Returns the number of a directory, which is added unless it is there.
std::size_t PartList::enter_directory(std::size_t parent, const ImagePath& path) {
  const auto [place, is_new] = by_key_.emplace(key_of(parent, path.name()), parts_.size() + 1);
  if (is_new) {
    parts_.push_back({nullptr, {path, true, {}}});
  } else if (!parts_[place->second - 1].name.is_directory) {
    fail(*archive_, block_map_name(path), "is that of a file and of a directory");
  }
  return place->second;
}

void PartList::add(const ZipEntry& entry) {
  PartName name = decode_part_name(entry.name, archive_->bytes().name());
  if (name.path.names().size() > kMaxLevels) {
    throw Error(ErrorCode::kLimit, archive_->bytes().name(),
                fmt::format("a name has more than {} levels", kMaxLevels));
  }
  if (name.is_directory && entry.size != 0) {
    fail(*archive_, name.text, "is that of a directory, but has data");
  }
  std::size_t directory = 0;
  const std::vector<ImagePath> paths = paths_to(name.path);
  for (std::size_t i = 0; i + 1 < paths.size(); ++i) {
    directory = enter_directory(directory, paths[i]);
  }
  if (name.is_directory) {
    enter_directory(directory, name.path);
    return;
  }
  const auto [place, is_new] =
      by_key_.emplace(key_of(directory, name.path.name()), parts_.size() + 1);
  if (!is_new) {
    const Part& other = parts_[place->second - 1];
    fail(*archive_, name.text,
         other.name.is_directory        ? "is that of a file and of a directory"
         : other.name.text == name.text ? "is there twice"
                                        : "is there twice, but for the case of letters");
  }
  by_name_.emplace(name.text, parts_.size());
  parts_.push_back({&entry, std::move(name)});
}

}  // namespace cim::appx
