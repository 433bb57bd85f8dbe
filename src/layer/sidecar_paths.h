// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Sidecar files: the files of a layer that are stored in its directory as well as in its image,
// because they are read before the image is mounted, when a container or a utility VM is set up or
// another layer is created on top. Their names on disk do not depend on the spelling in the tar.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/image_path.h"

namespace cim::layer {

/// A registry hive of a layer.
struct LayerHive {
  std::string_view name;          ///< in Files/Windows/System32/config, such as "DEFAULT"
  std::string_view sidecar_name;  ///< precedes _BASE and _DELTA, such as "DEFAULTUSER"

  /// Returns the path of the hive in a base layer.
  std::string config() const;
  /// Returns the path of the hive as seen in this layer, with all layers below merged.
  std::string base() const;
  /// Returns the path of this layer's changes to the hive.
  std::string delta() const;
};

/// In the order in which layers are processed.
inline constexpr std::array<LayerHive, 5> kLayerHives = {{
    {"SYSTEM", "SYSTEM"},
    {"SOFTWARE", "SOFTWARE"},
    {"SAM", "SAM"},
    {"SECURITY", "SECURITY"},
    {"DEFAULT", "DEFAULTUSER"},
}};

inline constexpr std::string_view kHivesDirectory = "Hives";
inline constexpr std::string_view kUtilityVmDirectory = "UtilityVM";
inline constexpr std::string_view kUtilityVmSystem =
    "UtilityVM/Files/Windows/System32/config/SYSTEM";
inline constexpr std::string_view kUtilityVmSoftware =
    "UtilityVM/Files/Windows/System32/config/SOFTWARE";
inline constexpr std::string_view kUtilityVmBootStore = "UtilityVM/Files/EFI/Microsoft/Boot/BCD";
inline constexpr std::string_view kUtilityVmBootManager =
    "UtilityVM/Files/EFI/Microsoft/Boot/bootmgfw.efi";
/// Indicates to the code that starts a container that the hives are part of its root file system.
inline constexpr std::string_view kLayoutFile = "layout";
inline constexpr std::string_view kLayoutText = "vhd-with-hives\n";
/// The build number of the utility VM's Windows, in decimal.
inline constexpr std::string_view kUtilityVmBuildFile = "uvmbuildversion";

/// The record that importing an image writes about the layer.
inline constexpr std::string_view kOciRecordFile = "oci-layer.json";

/// The directories of the layers below (cimlib/layer_chain.h). It is not in the image, and engines
/// write it too, before or after an import; so one that is there already is not in the way.
inline constexpr std::string_view kLayerChainFile = "layerchain.json";

/// If the file of that path in a tar, ignoring case, is also a sidecar file, returns its path
/// relative to the layer's directory; else nullopt. The result has static storage duration.
std::optional<std::string_view> sidecar_path_of(const ImagePath& path);

/// Throws kInvalidArgument if a layer cannot have the entry: the files that an import creates and
/// that later layers trust (`layout` and Hives/NAME_BASE, in any spelling that Windows treats as
/// equal), and Files, Hives, UtilityVM and UtilityVM/Files unless they are plain directories.
void check_reserved_path(const ImagePath& path, bool is_plain_directory);

/// Returns the paths of all files that writing a layer may put into its directory.
const std::vector<std::string>& all_sidecar_paths();

}  // namespace cim::layer
