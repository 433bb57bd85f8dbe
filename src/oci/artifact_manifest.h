// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The documents of an artifact: a manifest that lists the files of one layer's image, so that the
// layer can be used without its tar (docs/artifact.md).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cimlib/guid.h"

#include "base/bytes.h"
#include "oci/artifact/frame_packer.h"
#include "oci/artifact/seek_table.h"
#include "oci/artifact/sidecar_list.h"
#include "oci/documents.h"
#include "os/crypto.h"

namespace cim::oci {

inline constexpr std::string_view kArtifactType = "application/vnd.cimlib.image.v1";
inline constexpr std::string_view kArtifactManifestType =
    "application/vnd.oci.image.manifest.v1+json";
/// The configuration of every artifact, an empty object.
inline constexpr std::string_view kEmptyType = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view kEmptyDocument = "{}";

/// Bytes of at most this size are also part of the manifest. The digests of frames may have more,
/// those of 16 GiB of files: every reader needs them, and registries take manifests of 4 MiB.
inline constexpr std::size_t kLargestInline = std::size_t{48} << 10;
inline constexpr std::size_t kLargestInlineFrames = std::size_t{512} << 10;

/// The kinds of blobs, in the order in which a manifest lists them.
enum class ArtifactPart { kFilesystem, kRegion, kObjectIds, kFrames, kSidecars, kTarRecord };

/// A blob of an artifact.
struct ArtifactBlob {
  ArtifactPart part = ArtifactPart::kFilesystem;
  Digest digest;
  std::uint64_t size = 0;
  std::string name = {};                    ///< of the image's file; empty for other blobs
  std::optional<Bytes> data = {};           ///< the whole blob, if the manifest has it
  std::optional<Digest> plain_digest = {};  ///< set if the file consists of frames
  FrameForm form = FrameForm::kZstd;        ///< of these frames
  std::uint64_t plain_size = 0;
  std::uint64_t seek_table_size = 0;     ///< of the bytes at the end of the blob
  std::optional<Bytes> seek_table = {};  ///< these bytes, if the manifest has them
  Bytes header = {};                     ///< of a region: the first bytes of the plain file

  bool has_frames() const noexcept { return plain_digest.has_value(); }
  PackedSizes sizes() const noexcept { return {plain_size, size, seek_table_size}; }
  /// For reading it from a source.
  Descriptor descriptor() const;
};

/// An artifact: one layer.
struct Artifact {
  Descriptor manifest;  ///< of the artifact itself
  Descriptor subject;   ///< manifest of the image that the layer belongs to
  Digest chain_id;
  Digest diff_id;
  std::optional<Digest> parent = {};  ///< manifest of the artifact of the layer below
  std::size_t index = 0;              ///< of the layer in the image, from 0
  Guid region_set = {};
  std::uint16_t regions = 0;
  std::vector<ArtifactBlob> blobs;

  /// Returns nullptr if there is no such blob.
  const ArtifactBlob* find(ArtifactPart part) const noexcept;
  /// Returns the sum of the frames of all blobs that consist of frames.
  std::uint64_t frames() const noexcept;
};

/// Returns whether an entry of an index says that it is an artifact. Tools that copy indexes may
/// drop the type, but keep annotations.
bool is_artifact_entry(const Descriptor& descriptor);
/// Returns whether a manifest is that of an artifact.
bool is_artifact_manifest(const nlohmann::json& document);

/// `manifest` describes the document. Throws kCorrupt, kLimit, kUnsupported.
Artifact parse_artifact(const nlohmann::json& document, const Descriptor& manifest,
                        const std::string& subject);
/// Ignores `manifest`, which follows from the result.
std::string encode(const Artifact& artifact);
/// Returns the descriptor of an artifact for an index.
nlohmann::json index_entry_of(const Artifact& artifact);

std::string encode(const SidecarList& list);
SidecarList parse_sidecar_list(ByteView text, const std::string& subject);

/// The digests of frames: those of the first blob with frames, then those of the next.
using FrameDigests = std::vector<Sha256Digest>;
Bytes encode(const FrameDigests& digests);
/// Throws kCorrupt unless there are as many as the artifact has frames.
FrameDigests parse_frame_digests(ByteView bytes, const Artifact& artifact,
                                 const std::string& subject);
/// Returns those of one blob of the artifact.
FrameDigests digests_of(const FrameDigests& all, const Artifact& artifact,
                        const ArtifactBlob& blob);

}  // namespace cim::oci
