// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The files of an image layout.

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/oci.h"
#include "cimlib/progress.h"

#include "oci/documents.h"

namespace cim::oci {

class Layout {
 public:
  /// Throws kNotFound, kCorrupt or kUnsupported for a directory that is no layout.
  explicit Layout(std::filesystem::path directory);

  const std::filesystem::path& directory() const noexcept { return directory_; }

  /// What the layout's own index refers to.
  std::vector<Descriptor> index() const;

  /// Documents that are blobs, their size and digest verified.
  std::vector<Descriptor> index(const Descriptor& descriptor) const;
  Manifest manifest(const Descriptor& descriptor) const;
  Configuration configuration(const Descriptor& descriptor) const;

  std::filesystem::path blob(const Digest& digest) const;
  bool has_blob(const Descriptor& descriptor) const;
  /// Returns whether a manifest, which is verified, is that of an image.
  bool is_image(const Descriptor& descriptor) const;

  /// Looks whether a blob is there with its size. Throws kNotFound, saying where else it is to be
  /// had if it says so itself; kCorrupt.
  void check_presence(const Descriptor& descriptor) const;
  /// Reads a blob and compares its digest. Throws kCorrupt, kCancelled.
  void verify(const Descriptor& descriptor, const ProgressSink& progress,
              const std::stop_token& stop) const;

 private:
  Bytes read_document(const Descriptor& descriptor) const;

  std::filesystem::path directory_;
};

/// The image that a choice leaves of a layout, and its layers' blobs.
struct ChosenImage {
  ImageDescription description;
  std::vector<Descriptor> layers;
};
ChosenImage choose_image(const Layout& layout, const ImageChoice& choice);

}  // namespace cim::oci
