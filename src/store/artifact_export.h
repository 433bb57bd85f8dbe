// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writing the artifacts of an image's layers (oci/artifact_manifest.h) to a layout.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "cimlib/progress.h"

#include "oci/artifact_manifest.h"
#include "oci/layout_writer.h"
#include "oci/records.h"

namespace cim::store {

/// Writes artifacts that refer to one image, the base layer's first.
class ArtifactWriter {
 public:
  /// `subject` is the manifest of the image. The writer must outlive this object.
  ArtifactWriter(oci::LayoutWriter& writer, oci::Descriptor subject, oci::FrameForm form,
                 ProgressSink progress, std::stop_token stop)
      : writer_(writer),
        subject_(std::move(subject)),
        form_(form),
        progress_(std::move(progress)),
        stop_(std::move(stop)) {}

  /// Adds the artifact of the next layer. `tar_record` may not exist. Throws kUnsupported for a
  /// layer that cannot be an artifact, kNotFound for a missing file.
  void add(const oci::LayerRecord& layer, const std::filesystem::path& directory,
           const std::filesystem::path& tar_record);

  /// Adds the index of the artifacts, and returns its descriptor with its name.
  nlohmann::json finish();

 private:
  oci::ArtifactBlob add_packed(oci::ArtifactPart part, const std::filesystem::path& file,
                               oci::FrameDigests& digests);
  oci::ArtifactBlob add_small(oci::ArtifactPart part, ByteView bytes);
  oci::ArtifactBlob add_whole(oci::ArtifactPart part, const std::filesystem::path& file);
  oci::Digest put(ByteView bytes);

  oci::LayoutWriter& writer_;
  oci::Descriptor subject_;
  oci::FrameForm form_;
  ProgressSink progress_;
  std::stop_token stop_;
  std::vector<oci::Artifact> artifacts_;
};

}  // namespace cim::store
