// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "store/artifact_export.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/gc.h"
#include "cimlib/layer.h"

#include "format/header.h"
#include "image/read/region_files.h"
#include "oci/artifact/frame_packer.h"
#include "os/host_path.h"

namespace cim::store {
namespace {

using oci::ArtifactBlob;
using oci::ArtifactPart;
using oci::Digest;
using std::filesystem::path;

constexpr const char* kIndexType = "application/vnd.oci.image.index.v1+json";
constexpr std::size_t kWholePiece = std::size_t{1} << 20;

std::optional<Bytes> inlined(ByteView bytes, std::size_t limit = oci::kLargestInline) {
  return bytes.size() <= limit ? std::optional(Bytes(bytes.begin(), bytes.end())) : std::nullopt;
}

}  // namespace

Digest ArtifactWriter::put(ByteView bytes) {
  oci::StagedBlob blob(writer_.staging());
  blob.file().write_at(0, bytes);
  Digest digest(Sha256::of(bytes));
  writer_.add_blob(digest, std::move(blob));
  return digest;
}

ArtifactBlob ArtifactWriter::add_packed(ArtifactPart part, const path& file,
                                        oci::FrameDigests& digests) {
  const File plain = File::open_read_unlinked(file);
  const std::uint64_t size = plain.size();
  oci::StagedBlob staged(writer_.staging());
  const oci::PackedFile packed = oci::pack_file(
      plain, staged.file(), form_,
      [&](std::uint64_t done) {
        if (progress_) {
          progress_({.bytes_done = done, .bytes_total = size, .current = {}});
        }
      },
      stop_);
  ArtifactBlob blob{.part = part,
                    .digest = Digest(packed.digest),
                    .size = packed.sizes.packed,
                    .name = file.filename().string()};
  blob.form = form_;
  blob.plain_digest = Digest(packed.plain_digest);
  blob.plain_size = packed.sizes.plain;
  blob.seek_table_size = packed.sizes.table;
  if (form_ == oci::FrameForm::kZstd) {
    blob.seek_table = inlined(packed.seek_table);
  }
  if (part == ArtifactPart::kRegion) {
    blob.header.resize(format::kRegionHeaderSize);
    plain.read_at(0, blob.header);
  }
  digests.insert(digests.end(), packed.frame_digests.begin(), packed.frame_digests.end());
  writer_.add_blob(blob.digest, std::move(staged));
  return blob;
}

ArtifactBlob ArtifactWriter::add_small(ArtifactPart part, ByteView bytes) {
  ArtifactBlob blob{.part = part, .digest = put(bytes), .size = bytes.size()};
  blob.data = inlined(
      bytes, part == ArtifactPart::kFrames ? oci::kLargestInlineFrames : oci::kLargestInline);
  return blob;
}

ArtifactBlob ArtifactWriter::add_whole(ArtifactPart part, const path& file) {
  const File from = File::open_read_unlinked(file);
  oci::StagedBlob staged(writer_.staging());
  Sha256 hash;
  Bytes piece(kWholePiece);
  std::uint64_t size = 0;
  while (const std::size_t got = from.read_some_at(size, piece)) {
    const ByteView bytes = ByteView(piece).first(got);
    hash.update(bytes);
    staged.file().write_at(size, bytes);
    size += got;
  }
  ArtifactBlob blob{.part = part, .digest = Digest(hash.finish()), .size = size};
  writer_.add_blob(blob.digest, std::move(staged));
  return blob;
}

void ArtifactWriter::add(const oci::LayerRecord& layer, const path& directory,
                         const path& tar_record) {
  const path image = layer::cim_path(directory);
  oci::Artifact artifact{.manifest = subject_,
                         .subject = subject_,
                         .chain_id = layer.chain_id,
                         .diff_id = layer.diff_id,
                         .blobs = {}};
  artifact.index = artifacts_.size();
  if (!artifacts_.empty()) {
    artifact.parent = artifacts_.back().manifest.digest;
  }
  artifact.blobs.push_back(
      add_small(ArtifactPart::kFilesystem, read_whole_file(image, kMaxFilesystemFile)));
  oci::FrameDigests digests;
  const auto files = image_files(image);
  for (const ArtifactPart part : {ArtifactPart::kRegion, ArtifactPart::kObjectIds}) {
    const bool is_region = part == ArtifactPart::kRegion;
    const ImageFileKind kind = is_region ? ImageFileKind::kRegion : ImageFileKind::kObjectIds;
    for (const ImageFile& file : files) {
      if (file.is_own && file.kind == kind && (is_region || file.size)) {
        artifact.blobs.push_back(add_packed(part, file.path, digests));
      }
    }
  }
  artifact.blobs.push_back(add_small(ArtifactPart::kFrames, oci::encode(digests)));
  artifact.blobs.push_back(
      add_small(ArtifactPart::kSidecars, as_bytes(oci::encode(oci::list_sidecars(directory)))));
  if (std::filesystem::exists(status_of(tar_record))) {
    artifact.blobs.push_back(add_whole(ArtifactPart::kTarRecord, tar_record));
  }
  const std::string text = oci::encode(artifact);
  artifact.manifest.media_type = oci::kArtifactManifestType;
  artifact.manifest.digest = put(as_bytes(text));
  artifact.manifest.size = text.size();
  artifacts_.push_back(std::move(artifact));
}

nlohmann::json ArtifactWriter::finish() {
  (void)put(as_bytes(oci::kEmptyDocument));
  nlohmann::json manifests = nlohmann::json::array();
  for (const oci::Artifact& artifact : artifacts_) {
    manifests.push_back(oci::index_entry_of(artifact));
  }
  nlohmann::json index = nlohmann::json::object();
  index["schemaVersion"] = 2;
  index["mediaType"] = kIndexType;
  index["manifests"] = std::move(manifests);
  const std::string text = index.dump();
  return {{"mediaType", kIndexType},
          {"digest", put(as_bytes(text)).text()},
          {"size", text.size()},
          {"annotations",
           {{"org.opencontainers.image.ref.name", oci::referrers_tag(subject_.digest)}}}};
}

}  // namespace cim::store
