// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string_view>

#include "cimlib/image_path.h"
#include "cimlib/image_writer.h"

#include "layer/sidecar_staging.h"

namespace cim::layer {

/// The files that lie loose until their layer is closed. In the image each waits as an empty one,
/// so that names and streams can be added to it, and gets its bytes when they are settled.
class DeferredFiles {
 public:
  /// Both must outlive this.
  DeferredFiles(ImageWriter& image, SidecarStaging& sidecars)
      : image_(image), sidecars_(sidecars) {}

  /// A sidecar file for one that is in the image, to be written. Loose paths here and below must
  /// stay valid as text.
  File& add(const ImagePath& path, std::string_view sidecar_path);

  /// A copy of a sidecar file, for another name that its file has in the image.
  void add_name(const ImagePath& path, std::string_view sidecar_path, std::string_view existing);

  /// What is at the path, or below it, is about to go from there, and lies loose no longer. Other
  /// names of it in the image keep the bytes.
  void give_up_below(const ImagePath& path);

  /// Throws kUnsupported if the file is another name of one that waits: what is edited must not
  /// change under other names.
  void require_own_bytes(std::string_view sidecar_path) const;

  /// Gives all files of the image their bytes.
  void fill();

 private:
  struct Waiting {
    enum class Bytes { kOwn, kOfAnother };  // the latter of another name of a file that waits

    ImagePath path;
    Bytes bytes;
  };

  void fill(std::string_view sidecar_path, const Waiting& waiting);

  ImageWriter& image_;
  SidecarStaging& sidecars_;
  std::map<std::string_view, Waiting> waiting_;  // by sidecar path
};

}  // namespace cim::layer
