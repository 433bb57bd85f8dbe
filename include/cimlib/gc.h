// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Finding and removing the files of images. An image, its ancestors and its forks share one
// directory, and the names of their region files do not show which image uses them.
//
//   for (const cim::GarbageFile& file : cim::find_garbage("layers")) {
//     std::cout << file.path << '\n';   // left by a writer that was killed
//   }
//   cim::collect_garbage("layers");
//
// The functions may be called from any thread. Those that remove files hold the exclusive lock of
// the directory (lock.h).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "cimlib/directory_listings.h"
#include "cimlib/export.h"
#include "cimlib/guid.h"
#include "cimlib/lock.h"

namespace cim {

/// The role of a file in an image.
enum class ImageFileKind { kFilesystem, kRegion, kObjectIds };

/// Returns a name for programs: "filesystem", "region" or "object-ids". Names are stable across
/// releases.
CIM_EXPORT std::string_view to_string(ImageFileKind kind) noexcept;

/// A file that an image uses.
struct ImageFile {
  std::filesystem::path path;
  ImageFileKind kind = ImageFileKind::kFilesystem;
  Guid region_set;      ///< all zeros for the filesystem file
  bool is_own = false;  ///< true for the filesystem file and files of the image's own region set
  /// Size in bytes; nullopt if the file is missing. An image is complete without its object id
  /// files.
  std::optional<std::uint64_t> size;
};

/// Returns the files of an image: the filesystem file, then for every region set, in the order of
/// region indices, its regions and its object id files. They are searched beside the image and then
/// in `region_directories`, as by OpenOptions; their names may be in any case. Reads only the
/// header of the filesystem file and throws what reading it throws. `listings` is as in
/// OpenOptions.
CIM_EXPORT std::vector<ImageFile> image_files(
    const std::filesystem::path& image,
    const std::vector<std::filesystem::path>& region_directories = {},
    const std::shared_ptr<DirectoryListings>& listings = nullptr);

/// Returns the directories of a path in which images are: the directory itself and, in a store of
/// layers, its subdirectory `cim-layers`.
CIM_EXPORT std::vector<std::filesystem::path> image_directories(
    const std::filesystem::path& directory);

/// A file that no image uses.
struct GarbageFile {
  std::filesystem::path path;
  std::uint64_t size = 0;  ///< bytes
};

/// Returns the garbage in `directory`: region and object id files whose region set no filesystem
/// file there refers to, and temporary files of killed writers, sorted by name, for each of its
/// image_directories().
///
/// Filesystem files are recognized by their content, whatever their name; region and object id
/// files by header and name, in any case. The files of a running writer are included; links,
/// directories and files of other programs never are. Throws, naming the file, if a file that could
/// be an image cannot be read, because the files that it needs are unknown, or if a file that could
/// be garbage cannot be read.
CIM_EXPORT std::vector<GarbageFile> find_garbage(const std::filesystem::path& directory);

/// Removes the files that find_garbage() returns, and returns them. Waits up to `lock_timeout` for
/// running writers, whose files would otherwise be taken for garbage because no image refers to
/// them yet. Throws kBusy, naming a writer, if one is still running then; otherwise as
/// find_garbage().
CIM_EXPORT std::vector<GarbageFile> collect_garbage(const std::filesystem::path& directory,
                                                    const LockTimeout& lock_timeout = {});

/// Returns the other images in the directory of `image` that need its own region set: its forks,
/// their forks, and images that share the region set. Sorted by name. Throws as find_garbage()
/// does.
CIM_EXPORT std::vector<std::filesystem::path> dependents(const std::filesystem::path& image);

/// Removes an image: the filesystem file, then the region and object id files that no other image
/// needs. Missing files are not an error.
///
/// Throws kBusy, naming them, if forks of this image need its region set and no other image has
/// that region set as its own; throws kBusy if a writer in the directory does not finish within
/// `lock_timeout`. In both cases nothing is changed. Otherwise throws as find_garbage() does.
CIM_EXPORT void destroy_image(const std::filesystem::path& image,
                              const LockTimeout& lock_timeout = {});

}  // namespace cim
