// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Importing images from OCI image layouts, directories as `skopeo copy … oci:DIR` writes them, and
// from archives. store.h lists and removes what was imported.
//
//   cim::oci::ImportOptions options;
//   options.choice.reference = "latest";
//   const auto result = cim::oci::import_image("layout", "store", options);
//   std::cout << result.layers.back().directory << '\n';
//
// A layer in the store is named by its chain id, which identifies the layer together with the
// layers below it. Images that share layers therefore share them in the store. STORE/<64 digits> is
// the layer's directory and STORE/cim-layers/<64 digits>.cim its image.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cimlib/byte_streams.h"
#include "cimlib/export.h"
#include "cimlib/layer.h"

namespace cim::oci {

/// The platform that an image is built for.
struct CIM_EXPORT Platform {
  std::string os;
  std::string architecture;
  std::string os_version = {};  ///< may be empty

  bool operator==(const Platform&) const = default;

  /// Parses "windows/amd64" or "windows/amd64:10.0.20348"; returns nullopt for any other text.
  static std::optional<Platform> parse(std::string_view text);

  /// Returns true if this platform, as a request, selects an image for `other`: os and architecture
  /// are equal, and the components of os_version, if any, are the first components of the other's.
  bool matches(const Platform& other) const;

  /// Returns the form that parse() accepts.
  std::string to_string() const;
};

/// The forms of images outside a store, as skopeo calls them.
enum class ImageForm {
  kLayout,         ///< "oci": a directory in the OCI image layout
  kLayoutArchive,  ///< "oci-archive": a tar of such a directory
  kDockerArchive,  ///< "docker-archive": a tar that `docker save` writes
  kDirectory,      ///< "dir": a directory with a manifest and blobs
};

/// An image, or several, outside a store. Archives may be compressed with gzip or zstd.
struct CIM_EXPORT ImageSource {
  ImageForm form = ImageForm::kLayout;
  std::filesystem::path path;             ///< directory or archive
  std::optional<ByteSource> stream = {};  ///< an archive to read instead of one at `path`

  ImageSource(ImageForm source_form, std::filesystem::path source_path)
      : form(source_form), path(std::move(source_path)) {}
  /// An archive that is read from a stream, such as standard input.
  ImageSource(ImageForm source_form, ByteSource archive)
      : form(source_form), stream(std::move(archive)) {}
  /// A directory in the OCI image layout.
  template <typename Path>
  requires(std::convertible_to<const Path&, std::filesystem::path>)
      // NOLINTNEXTLINE(google-explicit-constructor): a path alone suffices for most callers
      ImageSource(const Path& layout)
      : path(layout) {}
};

/// Selects an image of a source.
struct ImageChoice {
  /// Annotation org.opencontainers.image.ref.name, or the full name that containerd stores in
  /// io.containerd.image.name; empty for any.
  std::string reference = {};
  /// Platform, compared with Platform::matches(); nullopt for any.
  std::optional<Platform> platform = {};
  /// "sha256:<64 digits>" of the manifest or of an index that refers to it; empty for any.
  std::string digest = {};
};

/// A layer of an image. Digests have the form "sha256:<64 digits>".
struct LayerDescription {
  std::string media_type;
  std::string digest;      ///< digest of the blob as stored
  std::string diff_id;     ///< digest of the uncompressed tar
  std::string chain_id;    ///< chain id: identifies this layer and those below it
  std::uint64_t size = 0;  ///< bytes of the blob
};

/// An image of a layout.
struct ImageDescription {
  std::string manifest;  ///< digest of the manifest
  Platform platform;
  std::vector<LayerDescription> layers;  ///< the base first
};

/// Returns the image that `choice` selects. Without a platform, a Windows image is preferred;
/// signatures, attestations and other artifacts are ignored. Reads all documents that lead to the
/// image and verifies their digests, but reads no layers. Throws kNotFound if no image matches;
/// kInvalidArgument, naming the candidates with their digests, if several match; kCorrupt for an
/// invalid layout; kUnsupported for an image that is not for Windows or has layers of an unknown
/// type; kLimit for documents larger than 4 MiB.
CIM_EXPORT ImageDescription find_image(const std::filesystem::path& layout,
                                       const ImageChoice& choice = {});

/// A step of importing or sending a layer.
enum class LayerStep {
  kVerify,  ///< the blob is sent and its digest verified by the receiver: not a step of imports
  kImport,  ///< the layer is written to the store
  kReuse,   ///< the layer is already in the store
};

/// Called before each step, from the importing thread, with the layer and its index in the image,
/// from 0.
using StepSink = std::function<void(LayerStep, const LayerDescription&, std::size_t place)>;

/// How to import an image.
struct ImportOptions {
  ImageChoice choice = {};
  /// The name that the image gets in the store; another image that has it loses it. If empty, the
  /// image gets the names that lead to it in the source; without any, it is kept under its digest.
  std::string name = {};
  /// True to keep a record of each layer's tar, a few percent of its size, with which an export can
  /// make the same tar again.
  bool keeps_tars = true;
  /// How each layer is imported. If `layer.writer.region_set` is set, the region set of each layer
  /// is derived from it and the layer's chain id. Progress is that of the current step. Limits
  /// apply to the sum of all layers that are not yet in the store.
  layer::ImportOptions layer = {};
  StepSink step = {};
};

/// A layer of an imported image.
struct ImportedLayer {
  std::filesystem::path directory;
  std::optional<layer::ImportResult> result;  ///< nullopt if it already was in the store
};

/// The result of an import.
struct ImportResult {
  ImageDescription image;
  std::vector<ImportedLayer> layers;  ///< in the order of the image, the base first
  /// Names of the image in the store: those of the source, or the digest of the manifest.
  std::vector<std::string> names;
};

/// Imports all layers of an image that are not yet in the store, each on top of those below it.
/// Nothing is written if a blob is missing or has another size than its descriptor. The digests of
/// a blob and of its tar are computed while it is imported, so it is read once, and a layer is
/// published only if both are those that the image records; otherwise nothing of the layer remains.
/// Layers imported before a failure remain and are reused by the next attempt. The manifest, the
/// configuration and the names of the image are kept in the store, too. Throws what find_image()
/// and layer::import_tar() throw, kNotFound for a missing blob, kCorrupt for a blob of wrong size
/// or digest, kBusy if garbage of the store is being collected for longer than
/// `options.layer.writer.lock_timeout`.
CIM_EXPORT ImportResult import_image(const ImageSource& source, const std::filesystem::path& store,
                                     const ImportOptions& options = {});

}  // namespace cim::oci
