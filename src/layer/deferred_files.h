// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string_view>

#include "cimlib/image_path.h"
#include "cimlib/image_writer.h"

#include "layer/sidecar_staging.h"

namespace cim::layer {

/// The files that are written as sidecar files until their layer is closed. Until then the image
/// has an empty file for each, so that names and streams can be added to it; it gets its bytes when
/// they are final.
class DeferredFiles {
 public:
  /// Both must outlive this object.
  DeferredFiles(ImageWriter& image, SidecarStaging& sidecars)
      : image_(image), sidecars_(sidecars) {}

  /// Adds a sidecar file for a file of the image, and returns it for writing. Sidecar paths here
  /// and below are kept as views.
  File& add(const ImagePath& path, std::string_view sidecar_path);

  /// Adds a copy of a sidecar file for a second name that its file has in the image.
  void add_name(const ImagePath& path, std::string_view sidecar_path, std::string_view existing);

  /// Drops the sidecar files at and below the path, which the caller is about to remove, after
  /// writing their bytes to the image: the files may have other names there.
  void give_up_below(const ImagePath& path);

  /// Throws kUnsupported if the file is another name of a deferred file: an edit must not change
  /// files under other names.
  void require_own_bytes(std::string_view sidecar_path) const;

  /// Writes the bytes of all deferred files to the image.
  void fill();

 private:
  struct Waiting {
    enum class Bytes { kOwn, kOfAnother };  // kOfAnother: those of another name of a deferred file

    ImagePath path;
    Bytes bytes;
  };

  void fill(std::string_view sidecar_path, const Waiting& waiting);

  ImageWriter& image_;
  SidecarStaging& sidecars_;
  std::map<std::string_view, Waiting> waiting_;  // by sidecar path
};

}  // namespace cim::layer
