// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The sidecar files of a layer in an artifact. Their bytes are in the image as well, so a list with
// their digests suffices to make them again.

#include <filesystem>
#include <map>
#include <string>

#include "cimlib/image.h"
#include "cimlib/layer_paths.h"

#include "base/bytes.h"
#include "layer/sidecar_staging.h"

namespace cim::oci {

/// The sidecar files of a layer.
struct SidecarList {
  bool made_hives = false;  ///< true if the directory Hives in the image is not from the tar
  /// SHA-256 in hexadecimal by path, relative to the layer's directory.
  std::map<std::string, std::string> files = {};
  std::string build = {};  ///< content of uvmbuildversion, which the image lacks; may be empty

  bool operator==(const SidecarList&) const = default;
};

/// Returns true for a path that a list may have.
bool is_listed_sidecar(std::string_view path);

/// Returns the list of a layer. Throws kUnsupported for a file that the image does not have with
/// the same bytes.
SidecarList list_sidecars(const layer::LayerPaths& layer);

/// Adds the files from the image. Throws kCorrupt for a file that the image does not have with that
/// digest.
void restore_sidecars(const SidecarList& list, const Image& image, layer::SidecarStaging& staging);

}  // namespace cim::oci
