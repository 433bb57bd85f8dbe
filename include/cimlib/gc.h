// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Which files belong to which image, and which to none. All files of a family of images lie in one
// directory under names that say nothing to people; this tells them apart.
//
//   for (const cim::GarbageFile& file : cim::find_garbage("layers")) {
//     std::cout << file.path << '\n';   // what a writer that was killed left behind
//   }
//   cim::collect_garbage("layers");

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/guid.h"
#include "cimlib/lock.h"

namespace cim {

/// What a file is in an image.
enum class ImageFileKind { kFilesystem, kRegion, kObjectIds };

/// Name of a kind for programs: "filesystem", "region", "object-ids".
CIM_EXPORT std::string_view to_string(ImageFileKind kind) noexcept;

struct ImageFile {
  std::filesystem::path path;
  ImageFileKind kind = ImageFileKind::kFilesystem;
  Guid region_set;      ///< all zero for the filesystem file
  bool is_own = false;  ///< of the image's own region set, or the filesystem file
  /// Bytes; nothing if the file is missing. An image is whole without its object id files.
  std::optional<std::uint64_t> size;
};

/// The files of an image: the filesystem file first, then, for every region set in the order in
/// which regions are counted, the regions and their object ids. Reads no more than the header of
/// the filesystem file; throws what reading it throws.
CIM_EXPORT std::vector<ImageFile> image_files(const std::filesystem::path& image);

struct GarbageFile {
  std::filesystem::path path;
  std::uint64_t size = 0;  ///< bytes
};

/// The region and object id files in `directory` whose region set no filesystem file there names,
/// and the temporary files of writers that were killed; sorted by name. If `directory` has a
/// directory `cim-layers`, as stores of layers do, what is garbage in that follows. Filesystem
/// files are known by their content, whatever their name; regions and object ids by name and
/// header, so that links, directories and files of others are never among these. Throws, naming it,
/// if there is a file that might be an image and can't be read: nobody can tell what that needs.
/// While a writer is at work in the directory, its files are among these.
CIM_EXPORT std::vector<GarbageFile> find_garbage(const std::filesystem::path& directory);

/// Removes what find_garbage() finds and returns it. Waits that long for writers that are at work
/// there, whose files nothing needs yet, and then throws kBusy, naming one.
CIM_EXPORT std::vector<GarbageFile> collect_garbage(const std::filesystem::path& directory,
                                                    const LockTimeout& lock_timeout = {});

/// The other images in the directory of `image` that need its own region set: forks of it, forks of
/// those, and images that share it. Sorted by name. Throws as find_garbage() does.
CIM_EXPORT std::vector<std::filesystem::path> dependants(const std::filesystem::path& image);

/// Removes the filesystem file, then the region files and object id files that no image needs any
/// longer; those that are missing are no failure. Throws kBusy, with their names, if other images
/// need its region set and none of them has it for its own: those are forks of this one. Throws
/// kBusy too, having waited that long, while a writer is at work in the directory. Either way
/// nothing is changed then.
CIM_EXPORT void destroy_image(const std::filesystem::path& image,
                              const LockTimeout& lock_timeout = {});

}  // namespace cim
