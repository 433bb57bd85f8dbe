// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Importing layers from artifacts (artifact_manifest.h) instead of tars.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cimlib/lock.h"
#include "cimlib/progress.h"

#include "oci/artifact_manifest.h"
#include "oci/document_source.h"

namespace cim::oci {

/// The artifacts of all layers of an image, the base first, each on top of the one before it.
struct ArtifactChain {
  std::vector<Artifact> layers;  ///< empty if there is no such chain
  std::string obstacle = {};     ///< why there is none
};

/// Finds the artifacts that refer to a manifest. Reads only documents. Throws kCorrupt for an
/// artifact that is damaged, and what reading throws.
std::vector<Artifact> find_artifacts(const DocumentSource& source, const Descriptor& manifest);

/// Finds artifacts for all layers of an image.
ArtifactChain find_artifact_chain(const DocumentSource& source, const ChosenImage& image);

/// Returns whether the image of a layer in a store is that of the artifact, so that the artifacts
/// of layers above it can be used.
bool is_from_artifact(const std::filesystem::path& image, const Artifact& artifact);

/// Returns the bytes of the image's files, unpacked; kUnsupported if they cannot be counted.
std::uint64_t plain_size_of(const Artifact& artifact) noexcept;

/// Returns a blob that the manifest may have itself.
Bytes small_blob(const DocumentSource& source, const ArtifactBlob& blob);
/// Returns the frames of a blob that has them, after verifying that its seek table is one.
std::vector<Frame> frames_of(const DocumentSource& source, const ArtifactBlob& blob);

/// How to import a layer from its artifact.
struct ArtifactImport {
  std::filesystem::path layer;                           ///< directory of the layer
  std::optional<std::filesystem::path> parent = {};      ///< image of the layer below
  std::optional<std::filesystem::path> tar_record = {};  ///< where to put the record of the tar
  std::uint64_t size_limit = 0;                          ///< of the image's files
  const Artifact* next = nullptr;  ///< of the layer above, to be imported next
  LockTimeout lock_timeout = {};
  ProgressSink progress = {};  ///< receives the bytes of blobs
};

/// Imports a layer; returns the size of its tar if the artifact has a valid record of it. Throws
/// kExists if the layer exists, kLimit, kCorrupt, and what reading the source throws. On failure
/// nothing is left of the layer but the record of its tar.
std::optional<std::uint64_t> import_artifact(const DocumentSource& source, const Artifact& artifact,
                                             const ArtifactImport& options);

}  // namespace cim::oci
