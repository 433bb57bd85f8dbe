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

/// The directory of a layout. Documents are verified whenever they are read, because nothing else
/// proves that a blob is the one that was referred to.
class Layout {
 public:
  /// Throws kNotFound, kCorrupt or kUnsupported if the directory is not an image layout.
  explicit Layout(std::filesystem::path directory);

  const std::filesystem::path& directory() const noexcept { return directory_; }

  /// Returns the descriptors of the layout's own index.
  std::vector<Descriptor> index() const;

  /// Return documents that are stored as blobs, after verifying their size and digest.
  std::vector<Descriptor> index(const Descriptor& descriptor) const;
  Manifest manifest(const Descriptor& descriptor) const;
  Configuration configuration(const Descriptor& descriptor) const;

  std::filesystem::path blob(const Digest& digest) const;
  bool has_blob(const Descriptor& descriptor) const;
  /// Returns whether a manifest, which is verified, describes an image.
  bool is_image(const Descriptor& descriptor) const;

  /// Checks that a blob is present and has the right size. Throws kNotFound, with the blob's other
  /// locations if the descriptor lists any; kCorrupt.
  void check_presence(const Descriptor& descriptor) const;
  /// Reads a blob and checks its digest. Throws kCorrupt, kCancelled.
  void verify(const Descriptor& descriptor, const ProgressSink& progress,
              const std::stop_token& stop) const;

 private:
  Bytes read_document(const Descriptor& descriptor) const;

  std::filesystem::path directory_;
};

/// The image chosen from a layout, and the blobs of its layers.
struct ChosenImage {
  ImageDescription description;
  std::vector<Descriptor> layers;
};
ChosenImage choose_image(const Layout& layout, const ImageChoice& choice);

}  // namespace cim::oci
