// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Opens an image that a registry has as artifacts. Every request costs a round trip, so nothing is
// read that is not needed: the configuration of the image, for example.
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/remote.h"

#include "image/read/image_files.h"
#include "image/read/image_reader.h"
#include "image/read/region_files.h"
#include "oci/artifact_import.h"
#include "oci/remote/registry_image.h"
#include "oci/remote/remote_region.h"

namespace cim::oci {
namespace {

constexpr std::size_t kMostChainLayers = 1000;

/// Finds the artifact of the layer that a reference means, and those of the layers below.
class ArtifactSearch {
 public:
  ArtifactSearch(const RegistryImage& source, const Reference& reference,
                 const std::optional<Platform>& platform)
      : source_(source), reference_(reference), platform_(platform) {}

  /// Returns the artifacts, the uppermost first.
  std::vector<Artifact> run() {
    const Descriptor top = source_.index().front();
    if (kind_of(top.media_type) == BlobKind::kManifest) {
      const std::string subject = source_.subject_of(top.digest);
      const nlohmann::json document = parse_json(source_.document(top), subject);
      if (is_artifact_manifest(document)) {
        return with_parents(parse_artifact(document, top, subject), {});
      }
      return of_image(top, parse_manifest(document, subject).layers.size());
    }
    const ChosenImage image = choose_image(source_, {.platform = platform_});
    return of_image(image.manifest, image.layers.size());
  }

 private:
  std::vector<Artifact> of_image(const Descriptor& manifest, std::size_t layers) {
    std::vector<Artifact> all = find_artifacts(source_, manifest);
    for (const Artifact& artifact : all) {
      if (artifact.index + 1 == layers) {
        return with_parents(artifact, all);
      }
    }
    throw Error(ErrorCode::kUnsupported, reference_.to_string(),
                all.empty() ? "the image is in the registry only as tars; pull it, or push it in "
                              "CIM form with 'cim oci push --as=cim'"
                            : "the uppermost layer is in the registry only as a tar; pull the "
                              "image, or push it in CIM form with 'cim oci push --as=cim'");
  }

  std::vector<Artifact> with_parents(Artifact top, const std::vector<Artifact>& known) {
    std::vector<Artifact> chain;
    chain.push_back(std::move(top));
    while (chain.back().parent) {
      if (chain.size() == kMostChainLayers) {
        throw Error(ErrorCode::kLimit, reference_.to_string(), "the image has too many layers");
      }
      Artifact parent = find(*chain.back().parent, known);
      if (parent.index + 1 != chain.back().index) {
        throw Error(ErrorCode::kCorrupt, source_.subject_of(parent.manifest.digest),
                    "is not the artifact of the layer below the one that names it");
      }
      chain.push_back(std::move(parent));
    }
    return chain;
  }

  Artifact find(const Digest& digest, const std::vector<Artifact>& known) {
    for (const Artifact& artifact : known) {
      if (artifact.manifest.digest == digest) {
        return artifact;
      }
    }
    const Descriptor manifest = source_.manifest_of(digest);
    const std::string subject = source_.subject_of(digest);
    return parse_artifact(parse_json(source_.document(manifest), subject), manifest, subject);
  }

  const RegistryImage& source_;
  const Reference& reference_;
  const std::optional<Platform>& platform_;
};

/// The files of an image, by the artifacts of its layers.
class RemoteFiles final : public ImageFiles {
 public:
  RemoteFiles(const RegistryImage& source, const std::vector<Artifact>& chain,
              std::shared_ptr<FrameStore> store)
      : filesystem_(small_blob(source, *chain.front().find(ArtifactPart::kFilesystem))),
        store_(std::move(store)) {
    if (filesystem_.size() > kMaxFilesystemFile) {
      throw Error(ErrorCode::kLimit, source.name(), "the filesystem file is too large");
    }
    for (const Artifact& artifact : chain) {
      const ArtifactBlob& listed = *artifact.find(ArtifactPart::kFrames);
      const FrameDigests digests = parse_frame_digests(small_blob(source, listed), artifact,
                                                       source.subject_of(listed.digest));
      for (const ArtifactBlob& blob : artifact.blobs) {
        if (blob.part == ArtifactPart::kRegion) {
          regions_.emplace(blob.name, std::make_shared<const RemoteRegion>(
                                          store_, blob, digests_of(digests, artifact, blob)));
        }
      }
    }
  }

  Bytes filesystem() const override { return filesystem_; }

  std::shared_ptr<const RegionSource> region(const std::string& name) const override {
    const auto found = regions_.find(name);
    if (found == regions_.end()) {
      throw Error(ErrorCode::kNotFound, name, "no artifact of the image has this region");
    }
    return found->second;
  }

 private:
  Bytes filesystem_;
  std::shared_ptr<FrameStore> store_;
  std::map<std::string, std::shared_ptr<const RegionSource>> regions_;
};

}  // namespace

Image open_image(const Reference& reference, const RemoteImageOptions& options,
                 const RemoteOptions& remote) {
  auto store = std::make_shared<FrameStore>(reference, remote, options.cache, options.cache_size);
  const RegistryImage source(store->session());
  const std::vector<Artifact> chain = ArtifactSearch(source, reference, options.platform).run();
  return image_of(std::make_shared<const ImageReader>(RemoteFiles(source, chain, std::move(store)),
                                                      "docker://" + reference.to_string()));
}

}  // namespace cim::oci
