// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Which region sets are needed is known only if every image of a directory can be read, so any
// doubt about a file ends the search with an error. Files are removed only under the exclusive
// lock.
#include "cimlib/gc.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "image/gc/image_removal.h"
#include "image/read/region_files.h"
#include "image/read/region_locator.h"
#include "image/read/store_listing.h"
#include "os/directory_lock.h"
#include "os/host_path.h"
#include "os/system_error.h"

namespace cim {
namespace {

bool is_plain_file(const std::filesystem::path& path) {
  return std::filesystem::is_regular_file(link_status_of(path));
}

// Returns nullopt if nothing is there.
std::optional<std::uint64_t> size_of(const std::filesystem::path& path) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (!error) {
    return size;
  }
  if (std::filesystem::exists(status_of(path))) {
    throw_system_error(error, path.string(), "access");
  }
  return std::nullopt;
}

std::set<Guid> named_sets(const std::vector<ImageHeader>& listing) {
  std::set<Guid> sets;
  for (const ImageHeader& member : listing) {
    sets.insert(member.header.own.guid);
    for (const format::RegionSetEntry& parent : member.header.parents) {
      sets.insert(parent.guid);
    }
  }
  return sets;
}

// Returns the other images of the directory. Throws if one of them cannot be compared with `image`:
// listed as its own relative, an image would keep its files.
std::vector<ImageHeader> other_images(const std::filesystem::path& image) {
  std::vector<ImageHeader> listing = list_store(image_directory(image));
  std::erase_if(listing, [&](const ImageHeader& member) {
    std::error_code error;
    const bool is_itself = std::filesystem::equivalent(member.path, image, error);
    if (error) {
      throw_system_error(error, image.string(), "access");
    }
    return is_itself;
  });
  return listing;
}

std::vector<std::filesystem::path> images_with(const Guid& region_set,
                                               const std::vector<ImageHeader>& listing) {
  std::vector<std::filesystem::path> images;
  for (const ImageHeader& member : listing) {
    if (member.names(region_set)) {
      images.push_back(member.path);
    }
  }
  return images;
}

// A file is garbage only if its name and its content agree that a writer made it.
void find_garbage_in(const std::filesystem::path& directory, std::vector<GarbageFile>& garbage) {
  const std::vector<ImageHeader> listing = list_store(directory);
  const std::set<Guid> needed = named_sets(listing);
  std::set<std::filesystem::path> images;
  for (const ImageHeader& member : listing) {
    images.insert(member.path);
  }
  for (const std::filesystem::directory_entry& entry : entries_of(directory)) {
    const std::string name = entry.path().filename().string();
    const auto part = parse_part_name_ignoring_case(name);
    const bool is_unneeded = part ? !needed.contains(part->region_set) : is_temporary_name(name);
    if (is_unneeded && !images.contains(entry.path()) && is_plain_file(entry.path()) &&
        (!part || is_part(entry.path(), part->kind))) {
      garbage.push_back({entry.path(), size_of(entry.path()).value_or(0)});
    }
  }
}

}  // namespace

std::string_view to_string(ImageFileKind kind) noexcept {
  static constexpr std::array<std::string_view, 3> kNames = {"filesystem", "region", "object-ids"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<ImageFile> image_files(const std::filesystem::path& image,
                                   const std::vector<std::filesystem::path>& region_directories,
                                   const std::shared_ptr<DirectoryListings>& listings) {
  const auto header = read_filesystem_header(image);
  const RegionLocator locator(image_directory(image), region_directories, listings);
  std::vector<ImageFile> files = {{image, ImageFileKind::kFilesystem, {}, true, size_of(image)}};
  for (const RegionSet& set : region_sets_of(header)) {
    for (unsigned i = 0; i < set.region_count; ++i) {
      const auto add = [&](ImageFileKind kind, const std::string& name) {
        const auto path = locator.find(name);
        files.push_back({path, kind, set.guid, set.is_own, size_of(path)});
      };
      add(ImageFileKind::kRegion, region_file_name(set.guid, i));
      add(ImageFileKind::kObjectIds, object_id_file_name(set.guid, i));
    }
  }
  return files;
}

std::vector<std::filesystem::path> image_directories(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> all = {directory};
  const std::filesystem::path of_layers = directory / "cim-layers";
  if (std::filesystem::is_directory(status_of(of_layers))) {
    all.push_back(of_layers);
  }
  return all;
}

std::vector<GarbageFile> find_garbage(const std::filesystem::path& directory) {
  std::vector<GarbageFile> garbage;
  for (const std::filesystem::path& each : image_directories(directory)) {
    find_garbage_in(each, garbage);
  }
  return garbage;
}

// Each directory is searched under its lock, so that no writer can be at work.
std::vector<GarbageFile> collect_garbage(const std::filesystem::path& directory,
                                         const LockTimeout& lock_timeout) {
  std::vector<GarbageFile> garbage;
  for (const std::filesystem::path& each : image_directories(directory)) {
    const DirectoryLock lock(each, lock_timeout);
    const std::size_t first = garbage.size();
    find_garbage_in(each, garbage);
    for (const GarbageFile& file : std::span(garbage).subspan(first)) {
      remove_file(file.path);
    }
    if (garbage.size() != first) {
      sync_directory(each);
    }
  }
  return garbage;
}

std::vector<std::filesystem::path> dependents(const std::filesystem::path& image) {
  return images_with(read_filesystem_header(image).own.guid, other_images(image));
}

void destroy_image(const std::filesystem::path& image, const LockTimeout& lock_timeout) {
  ImageRemoval(image_directory(image), lock_timeout).remove(image);
}

}  // namespace cim
