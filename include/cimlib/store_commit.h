// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Making a layer from the changes of a writable mount (layer_commit.h), and an image of it, as
// `podman commit` does.
//
//   cim::store::CommitOptions options;
//   options.name = "app:2";
//   cim::store::commit("scratch", "store/8", {"store/7"}, options);
//   cim::store::export_image("store", "app:2", {cim::oci::ImageForm::kDockerArchive, "app.tar"});

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/layer_commit.h"
#include "cimlib/layer_paths.h"

namespace cim::store {

/// How to commit a layer and its image.
struct CommitOptions {
  layer::CommitOptions layer = {};
  /// Name of the new image, which another image loses. If empty, the image is kept under its
  /// digest.
  std::string name = {};
  /// The image that is changed, as find() in store.h accepts it. Needed only if several images with
  /// different configurations end with the immediate parent.
  std::string base = {};
  std::string author = {};   ///< for the configuration and its history; may be empty
  std::string message = {};  ///< for the history; may be empty

  /// Returns true if an image is required, not only a layer.
  bool requires_image() const noexcept {
    return !(name.empty() && base.empty() && author.empty() && message.empty());
  }
};

/// The image of a committed layer. Digests have the form "sha256:<64 digits>".
struct CommittedImage {
  std::string name;           ///< in the store: CommitOptions::name, or the digest
  std::string digest;         ///< digest of the manifest
  std::string configuration;  ///< digest of the configuration
  std::string chain_id;       ///< of the new layer
  std::string diff_id;        ///< digest of the tar that exports of the layer give
};

/// The result of a commit.
struct CommitResult {
  layer::CommitResult layer = {};
  std::optional<CommittedImage> image = {};  ///< nullopt if only a layer was made
};

/// Commits a layer as layer::commit() does, with the same errors. If layer and parents have their
/// default images in one store and the immediate parent is the last layer of an image there, an
/// image is recorded as well: that image's manifest and configuration with one more layer and one
/// more entry in the history. It can be exported, pushed, inspected and removed as if it had been
/// imported; the last two also remove the layer, whatever its directory is called. The layer is
/// exported once to compute its diff id.
///
/// Otherwise only a layer is made, unless `options.requires_image()`: then it throws kNotFound if
/// there is no such image, and kInvalidArgument if there are several and `options.base` does not
/// say which, both before anything is written. If the image cannot be recorded, the layer is
/// removed.
CIM_EXPORT CommitResult commit(const std::filesystem::path& upper, const layer::LayerPaths& layer,
                               const std::vector<layer::LayerPaths>& parents,
                               const CommitOptions& options = {});

}  // namespace cim::store
