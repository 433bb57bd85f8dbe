// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string_view>

#include "cimlib/image_path.h"
#include "cimlib/image_writer.h"

#include "layer/sidecar_staging.h"

namespace cim::layer {

/// The files of an image whose bytes are not final until the layer is closed, because they are also
/// sidecar files. Until then the bytes are only in the sidecar file, and the image has an empty
/// file for each, to which names and streams can be added.
class DeferredFiles {
 public:
  /// Both must outlive this object.
  DeferredFiles(ImageWriter& image, SidecarStaging& sidecars)
      : image_(image), sidecars_(sidecars) {}

  /// Adds a sidecar file for a file of the image, and returns it for writing. Here and below,
  /// `sidecar_path` must outlive this object.
  File& add(const ImagePath& path, std::string_view sidecar_path);

  /// Adds a copy of a sidecar file for a hard link to its file in the image.
  void add_name(const ImagePath& path, std::string_view sidecar_path, std::string_view existing);

  /// Removes the sidecar files at and below a path that the caller is about to remove from the
  /// image. Writes their bytes to the image first, because the files may have other names there.
  void drop_below(const ImagePath& path);

  /// Throws kUnsupported if the file is a hard link to another deferred file: an edit must not
  /// change files under other names.
  void require_own_bytes(std::string_view sidecar_path) const;

  /// Writes the bytes of all deferred files to the image.
  void fill();

 private:
  // A file of the image that gets its bytes when the layer is closed.
  struct Deferred {
    enum class Bytes { kOwn, kOtherName };  // kOtherName: those of another deferred name

    ImagePath path;
    Bytes bytes;
  };

  void fill(std::string_view sidecar_path, const Deferred& deferred);

  ImageWriter& image_;
  SidecarStaging& sidecars_;
  std::map<std::string_view, Deferred> deferred_;  // by sidecar path
};

}  // namespace cim::layer
