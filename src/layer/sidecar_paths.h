// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The files of a layer that lie loose in its directory as well as in its image: what the set-up of
// a container, a utility VM or the next layer reads before anything is mounted. They have one
// spelling on disk, whatever that of the tar is.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/image_path.h"

namespace cim::layer {

/// A registry hive of a layer.
struct LayerHive {
  std::string_view name;          ///< in Files/Windows/System32/config, as in "DEFAULT"
  std::string_view sidecar_name;  ///< in front of _BASE and _DELTA, as in "DEFAULTUSER"

  /// Where a base layer has it.
  std::string config() const;
  /// What it is in this layer, with all layers below.
  std::string base() const;
  /// What this layer changes in it.
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
/// Tells a container's start that the hives are part of its root file system.
inline constexpr std::string_view kLayoutFile = "layout";
inline constexpr std::string_view kLayoutText = "vhd-with-hives\n";
/// The build number of the utility VM's Windows, in decimal.
inline constexpr std::string_view kUtilityVmBuildFile = "uvmbuildversion";

/// What the import of an image notes of the layer.
inline constexpr std::string_view kOciRecordFile = "oci-layer.json";

/// If a tar's file of that path, in whatever letter case, also lies loose: where, below the layer's
/// directory. Valid for ever.
std::optional<std::string_view> sidecar_path_of(const ImagePath& path);

/// Throws kInvalidArgument for what no entry of a layer may be: what importing makes (`layout` and
/// Hives/NAME_BASE, however Windows would spell them), which is trusted later, and anything but a
/// plain directory where the directories are that a layer consists of.
void check_place(const ImagePath& path, bool is_plain_directory);

/// All that the writing of a layer may put into its directory.
const std::vector<std::string>& all_sidecar_paths();

}  // namespace cim::layer
