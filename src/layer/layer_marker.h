// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What proves that a file in a layer's directory is the layer's. Names prove nothing: an extracted
// tree and a directory of another program have hives and a `layout`, too. So the writer of a layer
// first leaves a marker that names the image and every file and directory about to be made, each
// file with its digest; whatever removes a layer's files removes only what the marker vouches for,
// and the marker last.

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cim::layer {

/// In the layer's directory.
inline constexpr std::string_view kMarkerFile = ".cimlib-layer";

struct LayerMarker {
  std::string image;  ///< name of the filesystem file, "7.cim"
  /// Whether importing made the directory Hives of the image, which the tar does not have.
  bool made_hives = false;
  /// Directories that were made, below the layer's; "." is the layer's own.
  std::set<std::string, std::less<>> directories = {};
  /// Paths below the layer's directory, each with the SHA-256 of the file in hexadecimal.
  std::map<std::string, std::string, std::less<>> files = {};

  bool operator==(const LayerMarker&) const = default;
};

/// The marker of the layer in that directory. nullopt if there is none, if it is damaged, and if it
/// names another image, as in a copy of the directory under another name.
std::optional<LayerMarker> read_marker(const std::filesystem::path& layer);

/// Replaces the marker; durable on return.
void write_marker(const std::filesystem::path& layer, const LayerMarker& marker);

std::string digest_of(ByteView bytes);
std::string digest_of_file(const std::filesystem::path& file);

/// The directories on the way to a file below `layer`, the layer's own first.
std::vector<std::filesystem::path> directories_to(const std::filesystem::path& layer,
                                                  std::string_view file);

/// Whether no directory below `layer` on the way to the file is a link or another thing that is not
/// a directory; some may be missing.
bool is_plain_way(const std::filesystem::path& layer, std::string_view file);

/// Throws kExists, naming it, for a file that has the place of one that writing a layer makes,
/// unless the marker vouches for it.
void refuse_foreign_files(const std::filesystem::path& layer);

/// Removes the files that the marker vouches for and the directories below the layer's that it
/// names, if they are empty then. The marker and the layer's own directory stay.
void remove_marked_files(const std::filesystem::path& layer, const LayerMarker& marker);

}  // namespace cim::layer
