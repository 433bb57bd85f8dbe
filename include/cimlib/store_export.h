// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Exporting an image of a store (store.h), so that any container engine can use it.
//
//   cim::store::export_image("store", "ltsc2022",
//                            {cim::oci::ImageForm::kDockerArchive, "image.tar"});
//
// The configuration of the image is kept byte for byte, and so is its digest, if every layer's tar
// can be made again from the record that the import kept of it. A layer without such a record is
// exported as layer_export.h describes; if that is another tar, the configuration gets its diff id
// instead of the original one.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cimlib/byte_streams.h"
#include "cimlib/export.h"
#include "cimlib/layer_export.h"
#include "cimlib/lock.h"
#include "cimlib/oci.h"
#include "cimlib/progress.h"
#include "cimlib/remote.h"
#include "cimlib/version.h"

namespace cim::store {

/// The destination of an export.
struct ExportTarget {
  /// Any form but kDirectory.
  oci::ImageForm form = oci::ImageForm::kLayout;
  std::filesystem::path path = {};  ///< directory or archive
  /// Receives an archive instead of a file at `path`, on the calling thread. Layers are then staged
  /// in the system's directory for temporary files.
  std::optional<ByteSink> stream = {};
};

/// In which forms the layers of an image are exported.
enum class LayerForms {
  kTars,
  kTarsAndImages,  ///< also as artifacts (docs/artifact.md) that import_image() can use instead
  kImages,  ///< only as artifacts of the image as the store knows it, whose tars are elsewhere
};

/// How to export an image.
struct ExportOptions {
  LayerForms forms = LayerForms::kTars;
  /// Name of the image in the target. By default the name by which it was found, if it was.
  std::string name = {};
  /// Compression of the layers; only kNone for an archive of `docker save`.
  layer::Compression compression = layer::Compression::kNone;
  /// False to store the files of images in artifacts as they are: larger, but no work to unpack.
  /// True needs zstd.
  bool compresses_images = has_feature("zstd");
  /// True if an archive replaces an existing regular file once it is complete. A layout keeps its
  /// other images in any case; one with the same name loses it.
  bool replaces_existing = false;
  LockTimeout lock_timeout = {};  ///< how long to wait while garbage is collected
  /// Called with the index of each layer, from 0, before it is exported.
  std::function<void(std::size_t)> step = {};
  ProgressSink progress = {};  ///< receives the bytes of the current layer's tar
  WarningSink warning = {};    ///< receives what cannot be kept
  std::stop_token stop = {};   ///< a request to stop ends the export with kCancelled
};

/// A layer as it was exported. Sizes are in bytes.
struct ExportedLayer {
  std::string diff_id;         ///< digest of the tar
  std::string digest;          ///< digest of the blob
  std::uint64_t tar_size = 0;  ///< size of the tar
  std::uint64_t size = 0;      ///< size of the blob
  bool keeps_diff_id = false;  ///< true if the tar is the one that was imported
};

/// The result of an export.
struct ExportResult {
  std::string manifest;               ///< digest of the manifest
  std::string configuration;          ///< digest of the configuration
  std::string name;                   ///< in the target; may be empty
  bool keeps_manifest = false;        ///< true if the manifest is that of the store
  bool keeps_configuration = false;   ///< true if the configuration is that of the store
  std::vector<ExportedLayer> layers;  ///< empty for LayerForms::kImages
};

/// The result of a push.
struct PushResult {
  ExportResult image;      ///< what was made
  oci::PushResult pushed;  ///< what was sent; of its image, only the digest of the manifest is set
};

/// Exports the image that `image` means (find() in store.h). On failure the target is as it was.
/// Throws what find() and layer::export_tar() throw; kCorrupt for a damaged record; kExists if the
/// target must not be replaced, or is a directory that is neither empty nor a layout;
/// kUnsupported for a form or compression that cannot be written, artifacts in an archive of
/// `docker save` among them, and for a layer that cannot be an artifact.
CIM_EXPORT ExportResult export_image(const std::filesystem::path& store, std::string_view image,
                                     const ExportTarget& target, const ExportOptions& options = {});

/// Pushes the image that `image` means to a registry: each layer is made as export_image() does and
/// sent before the next one is made, then the configuration and the manifest. Only the layer that
/// is being made takes disk space, in the store. `export_options.name` and `replaces_existing` have
/// no meaning; of `push_options`, neither do the choice of an image and the steps. Throws as
/// export_image() and oci::push_layout().
CIM_EXPORT PushResult push_image(const std::filesystem::path& store, std::string_view image,
                                 const oci::Reference& reference,
                                 const ExportOptions& export_options = {},
                                 const oci::PushOptions& push_options = {},
                                 const oci::RemoteOptions& remote = {});

}  // namespace cim::store
