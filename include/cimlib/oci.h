// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Images in an OCI image layout, a directory as `skopeo copy … oci:DIR` makes it.
//
//   cim::oci::ImportOptions options;
//   options.choice.reference = "latest";
//   const auto result = cim::oci::import_image("layout", "store", options);
//   std::cout << result.layers.back().directory << '\n';
//
// A layer of the store has the chain id of its image's layers up to it as its name, so that a layer
// is known again whichever image it comes with: STORE/<64 digits> is its directory and
// STORE/cim-layers/<64 digits>.cim its image.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/layer.h"

namespace cim::oci {

/// What an image is made for.
struct CIM_EXPORT Platform {
  std::string os;
  std::string architecture;
  std::string os_version = {};  ///< may be empty

  bool operator==(const Platform&) const = default;

  /// Of "windows/amd64" or "windows/amd64:10.0.20348"; nothing for another form.
  static std::optional<Platform> parse(std::string_view text);

  /// Whether an image for `other` is meant by this one: equal, where this has no version of the
  /// system or the parts of it that it has begin the other's.
  bool matches(const Platform& other) const;

  /// In the form that parse() takes.
  std::string to_string() const;
};

/// Which image of a layout is meant.
struct ImageChoice {
  /// Its annotation org.opencontainers.image.ref.name, or its full name, which containerd notes in
  /// io.containerd.image.name; empty for any.
  std::string reference = {};
  std::optional<Platform> platform = {};
  /// "sha256:<64 digits>" of its manifest, or of an index that leads to it; empty for any.
  std::string digest = {};
};

/// A layer of an image. Digests have the form "sha256:<64 digits>".
struct LayerDescription {
  std::string media_type;
  std::string digest;      ///< of the blob as it is stored
  std::string diff_id;     ///< digest of the tar
  std::string chain_id;    ///< of this layer on those below it
  std::uint64_t size = 0;  ///< bytes of the blob
};

struct ImageDescription {
  std::string manifest;  ///< its digest
  Platform platform;
  std::vector<LayerDescription> layers;  ///< the base first
};

/// The one image of a layout that the choice leaves; without a platform, one for Windows goes
/// before all others, and signatures, attestations and other artifacts are passed over. All that
/// leads to it is read and its digests verified; the layers are not. Throws kNotFound if there is
/// none, kInvalidArgument, naming them with their digests, if several are left, kCorrupt
/// for a layout that is not sound, kUnsupported for an image that is not for Windows or has layers
/// of an unknown kind, kLimit for documents larger than 4 MiB.
CIM_EXPORT ImageDescription find_image(const std::filesystem::path& layout,
                                       const ImageChoice& choice = {});

/// What is done with a layer next.
enum class LayerStep {
  kVerify,  ///< its blob is read, and its digest compared
  kImport,
  kReuse,  ///< it is in the store already
};

/// Told before each step: of which layer, and its place in the image, counted from 0.
using StepSink = std::function<void(LayerStep, const LayerDescription&, std::size_t place)>;

struct ImportOptions {
  ImageChoice choice = {};
  /// How each layer is imported. A region set given here names those of the layers, each by its
  /// chain id. Progress is that of the present step. The limits are those of all layers together
  /// that are not in the store yet.
  layer::ImportOptions layer = {};
  StepSink step = {};
};

struct ImportedLayer {
  std::filesystem::path directory;
  std::optional<layer::ImportResult> result;  ///< nothing if it was in the store
};

struct ImportResult {
  ImageDescription image;
  std::vector<ImportedLayer> layers;  ///< as the image has them
};

/// Imports every layer of an image that is not in the store yet, each on those below it. Nothing of
/// any layer lands before all blobs are there and have their digests, and no layer whose tar turns
/// out to have another digest than the image says. Layers that were imported before a failure stay,
/// and are found by the next attempt. Throws as find_image and layer::import_tar do, kNotFound for
/// a blob that is missing, kCorrupt for one with another size or digest.
CIM_EXPORT ImportResult import_image(const std::filesystem::path& layout,
                                     const std::filesystem::path& store,
                                     const ImportOptions& options = {});

}  // namespace cim::oci
