// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The marker proves that a file in a layer's directory belongs to the layer. Names prove nothing:
// an extracted tree or a directory of another program may also contain hives and a `layout`. So the
// writer of a layer first writes a marker that names the image and every file and directory about
// to be created, each file with its digest. Code that removes a layer's files removes only those
// that the marker vouches for, and the marker last.

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "cimlib/layer_paths.h"

#include "base/bytes.h"

namespace cim::layer {

/// The marker's name in the layer's directory.
inline constexpr std::string_view kMarkerFile = ".cimlib-layer";

/// The content of a marker.
struct LayerMarker {
  /// The image: "7.cim" for the default image of the layer; for any other its path from the
  /// directory above the layer's, through the layer's, such as "7/../../images/7.cim".
  std::string image;
  /// True if importing created the directory Hives of the image because the tar does not contain
  /// it.
  bool made_hives = false;
  /// Directories that were created, relative to the layer's; "." is the layer's directory itself.
  std::set<std::string, std::less<>> directories = {};
  /// Paths relative to the layer's directory, each with the SHA-256 of the file in hexadecimal.
  std::map<std::string, std::string, std::less<>> files = {};

  bool operator==(const LayerMarker&) const = default;
};

/// Returns LayerMarker::image for these paths. Links in them are resolved, so that it does not
/// depend on how the paths are written.
std::string marked_image(const LayerPaths& layer);

/// Returns the marker of the layer; nullopt if it is missing or damaged, or names another image, as
/// in a copy of the directory under another name.
std::optional<LayerMarker> read_marker(const LayerPaths& layer);

/// Returns true if the layer's directory has a marker and it names another image.
bool is_marked_for_other_image(const LayerPaths& layer);

/// Replaces the marker; it is durable on return.
void write_marker(const LayerPaths& layer, const LayerMarker& marker);

/// Replaces a file of the layer's directory by one with these bytes, which is durable on return. If
/// the process is killed, a temporary file may remain next to the image.
void put_in_layer(const LayerPaths& layer, std::string_view file, ByteView bytes);

/// Return a SHA-256 in hexadecimal, as the marker stores it.
std::string digest_of(ByteView bytes);
std::string digest_of_file(const std::filesystem::path& file);

/// Returns the directories on the path to a file below `layer`, the layer's own first.
std::vector<std::filesystem::path> directories_to(const std::filesystem::path& layer,
                                                  std::string_view file);

/// Returns true if every directory below `layer` on the path to the file is a plain directory (not
/// a link) or does not exist.
bool is_plain_path(const std::filesystem::path& layer, std::string_view file);

/// Throws kExists, naming the file, if a path that a layer's writer uses is taken by a file that
/// the marker does not vouch for.
void require_no_foreign_files(const LayerPaths& layer);

/// Removes the files that the marker vouches for, then the directories that it names below the
/// layer's, if they are empty. Keeps the marker and the layer's own directory.
void remove_marked_files(const std::filesystem::path& layer, const LayerMarker& marker);

}  // namespace cim::layer
