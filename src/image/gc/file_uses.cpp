// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "cimlib/image_transfer.h"

#include "image/read/region_files.h"
#include "image/read/store_listing.h"

namespace cim {
namespace {

using UsesByName = std::map<std::filesystem::path, FileUse>;

void add_uses_of(const ImageHeader& image, const std::shared_ptr<DirectoryListings>& listings,
                 UsesByName& uses) {
  for (ImageFile& file : image_files(image.path, {}, listings)) {
    FileUse& use = uses[file.path];
    use.images.push_back(image.path);
    if (file.is_own && !use.owner) {
      use.owner = image.path;
    }
    use.file = std::move(file);
  }
}

void add_garbage(GarbageFile garbage, UsesByName& uses) {
  FileUse& use = uses[garbage.path];
  const auto part = parse_part_name_ignoring_case(garbage.path.filename().string());
  use.file = {.path = std::move(garbage.path),
              .kind = part ? part->kind : ImageFileKind::kFilesystem,
              .region_set = part ? part->region_set : Guid{},
              .is_own = false,
              .size = garbage.size};
}

}  // namespace

// The listing is sorted, and so are the images of each file. An image needs its object id files
// for writing only, so missing ones are omitted.
std::vector<FileUse> file_uses(const std::filesystem::path& directory) {
  UsesByName by_name;
  const auto listings = new_directory_listings();
  for (const std::filesystem::path& each : image_directories(directory)) {
    for (const ImageHeader& image : list_store(each)) {
      add_uses_of(image, listings, by_name);
    }
  }
  for (GarbageFile& garbage : find_garbage(directory)) {
    add_garbage(std::move(garbage), by_name);
  }
  std::vector<FileUse> uses;
  for (auto& [name, use] : by_name) {
    if (use.file.size || use.file.kind != ImageFileKind::kObjectIds) {
      uses.push_back(std::move(use));
    }
  }
  return uses;
}

}  // namespace cim
