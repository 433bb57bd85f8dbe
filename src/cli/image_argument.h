// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The argument of verbs that read an image: a file, or an image in a registry.

#include <optional>
#include <string>
#include <vector>

#include "cimlib/image.h"
#include "cimlib/remote.h"

#include "cli/registry_access.h"
#include "cli/verb.h"

namespace cim::cli {

/// An image as the user names it, and how it is read if it is in a registry.
struct ImageArgument {
  std::string text;
  RegistryOptions registry;
  std::optional<std::string> platform;
  std::optional<std::string> cache;
  std::optional<std::string> cache_size;
  /// Where region files of an image on the host may be besides its directory.
  std::vector<std::string> regions;

  /// Returns true for docker://REF.
  bool is_remote() const { return text.starts_with("docker://"); }
};

/// Adds the argument IMAGE.
void image_argument(Parameters& parameters, ImageArgument& image);
/// Adds the options that say where the parts of the image are: --regions, and those for images in
/// registries. They come after those of the verb.
void image_argument_options(Parameters& parameters, ImageArgument& image);

/// An image in a registry, and everything that opening it requires.
struct RemoteImage {
  oci::Reference reference;
  oci::RemoteImageOptions how;
  oci::RemoteOptions remote;

  Image open() const { return oci::open_image(reference, how, remote); }
};
/// Throws UsageError. Paths in the result are absolute, and it has no request to stop, so that
/// another process can use it.
RemoteImage remote_image(const ImageArgument& image, Console& console);

/// Opens the image. An interruption ends waits for a registry. Throws UsageError.
Image open_image(const ImageArgument& image, Console& console);

}  // namespace cim::cli
