// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Blobs are sent before the manifest that refers to them, which registries require, and so that an
// interrupted push leaves nothing that can be pulled.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/remote.h"

#include "oci/artifact_import.h"
#include "oci/layout.h"
#include "oci/layout_files.h"
#include "oci/remote/referrers.h"
#include "oci/remote/upload.h"

namespace cim::oci {
namespace {

// A file that became shorter since it was opened fails the upload.
void read_all(const LayoutFile& file, std::uint64_t offset, std::span<std::byte> into) {
  while (!into.empty()) {
    const std::size_t got = file.read_some_at(offset, into);
    if (got == 0) {
      throw Error(ErrorCode::kCorrupt, file.subject, "ended while it was sent");
    }
    offset += got;
    into = into.subspan(got);
  }
}

class Push {
 public:
  Push(const std::filesystem::path& path, const Reference& reference, const PushOptions& options,
       const RemoteOptions& remote)
      : layout_(path),
        image_(choose_image(layout_, options.choice)),
        reference_(reference),
        options_(options),
        stop_(remote.stop),
        session_(reference, Session::Access::kPush, remote, options.mount_from) {
    if (!reference.digest.empty() && reference.digest != image_.manifest.digest.text()) {
      throw Error(ErrorCode::kInvalidArgument, reference.to_string(),
                  fmt::format("the manifest of the image has the digest {}",
                              image_.manifest.digest.text()));
    }
  }

  PushResult run() {
    const Bytes& manifest = image_.manifest_bytes;
    PushResult result{.image = image_.description};
    if (!options_.artifacts || !is_present(session_, image_.manifest.digest, stop_)) {
      send_image(result);
    }
    upload_manifest(session_, image_.manifest, manifest,
                    reference_.tag.empty() ? image_.manifest.digest.text() : reference_.tag, stop_);
    if (options_.artifacts) {
      send_artifacts(result);
    }
    return result;
  }

 private:
  void send_image(PushResult& result) {
    for (std::size_t i = 0; i < image_.layers.size(); ++i) {
      const Descriptor& layer = image_.layers[i];
      if (is_nondistributable(layer.media_type) && !layer.urls.empty()) {
        continue;
      }
      if (options_.step) {
        options_.step(LayerStep::kVerify, image_.description.layers[i], i);
      }
      send(layer, result);
    }
    send(image_.config, result);
  }

  // The base layer's first, since the others refer to it.
  void send_artifacts(PushResult& result) {
    std::vector<Artifact> artifacts = find_artifacts(layout_, image_.manifest);
    if (artifacts.empty()) {
      throw Error(ErrorCode::kNotFound, layout_.subject_of(image_.manifest.digest),
                  "the layout has no artifacts in CIM form that refer to the image; export it "
                  "with --as=cim");
    }
    std::ranges::stable_sort(artifacts, {}, &Artifact::index);
    for (const Artifact& artifact : artifacts) {
      if (options_.step && artifact.index < image_.layers.size()) {
        options_.step(LayerStep::kVerify, image_.description.layers[artifact.index],
                      artifact.index);
      }
      for (const ArtifactBlob& blob : artifact.blobs) {
        send(blob.descriptor(), result);
      }
      send(empty_config(), result);
      upload_manifest(session_, artifact.manifest, layout_.document(artifact.manifest),
                      artifact.manifest.digest.text(), stop_);
      ++result.artifacts;
    }
    list_referrers(session_, image_.manifest.digest, artifacts, stop_);
  }

  static Descriptor empty_config() {
    return {.media_type = std::string(kEmptyType),
            .digest = Digest(Sha256::of(as_bytes(kEmptyDocument))),
            .size = kEmptyDocument.size()};
  }

  // The registry verifies the digest of what it receives.
  void send(const Descriptor& blob, PushResult& result) {
    layout_.check_presence(blob);
    const LayoutFile file = layout_.open_blob(blob.digest);
    const RequestBody body{
        .size = blob.size, .read_at = [&](std::uint64_t offset, std::span<std::byte> into) {
          read_all(file, offset, into);
          if (options_.progress) {
            options_.progress(
                {.bytes_done = offset + into.size(), .bytes_total = blob.size, .current = {}});
          }
        }};
    const UploadResult how = upload_blob(session_, blob, body, options_.mount_from, stop_);
    if (how == UploadResult::kSent) {
      ++result.blobs_sent;
      result.bytes_sent += blob.size;
    } else {
      ++result.blobs_present;
    }
  }

  Layout layout_;
  ChosenImage image_;
  const Reference& reference_;
  const PushOptions& options_;
  const std::stop_token& stop_;
  Session session_;
};

}  // namespace

bool has_manifest(const Reference& reference, const RemoteOptions& remote) {
  const auto digest = Digest::parse(reference.digest);
  if (!digest) {
    throw Error(ErrorCode::kInvalidArgument, reference.to_string(), "has no digest");
  }
  Session session(reference, Session::Access::kPull, remote);
  return is_present(session, *digest, remote.stop);
}

PushResult push_layout(const std::filesystem::path& layout, const Reference& reference,
                       const PushOptions& options, const RemoteOptions& remote) {
  return Push(layout, reference, options, remote).run();
}

}  // namespace cim::oci
