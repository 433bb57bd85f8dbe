// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/image_argument.h"

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "cimlib/host_path.h"

#include "cli/image_import.h"
#include "cli/image_reading.h"
#include "cli/image_writing.h"

namespace cim::cli {
namespace {

constexpr std::string_view kTransport = "docker://";

// Empty if the system says nowhere to put it; nothing is kept then.
std::filesystem::path default_cache() {
  // NOLINTBEGIN(concurrency-mt-unsafe): no thread changes the environment
  if (const char* const cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
    return std::filesystem::path(cache) / "cimlib" / "frames";
  }
  if (const char* const home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return std::filesystem::path(home) / ".cache" / "cimlib" / "frames";
  }
  // NOLINTEND(concurrency-mt-unsafe)
  return {};
}

// The server of a mount has another working directory.
std::filesystem::path made_absolute(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path result = std::filesystem::absolute(path, error);
  return path.empty() || error ? path : result;
}

}  // namespace

void image_argument(Parameters& parameters, ImageArgument& image) {
  parameters.required("IMAGE", "the image file, or docker://REF for an image in a registry",
                      image.text, Completes::kImages);
}

void image_argument_options(Parameters& parameters, ImageArgument& image) {
  regions_option(parameters, image.regions);
  parameters.option("--platform", "OS/ARCH[:OS_VERSION]",
                    "select the image in a registry for this platform if there are several",
                    &image.platform);
  parameters.option("--cache", "DIR",
                    "keep what is read of an image in a registry in this directory "
                    "(default: ~/.cache/cimlib/frames)",
                    &image.cache, Completes::kDirectories);
  parameters.option("--cache-size", "BYTES",
                    "keep at most this much there; accepts the suffixes K, M, G and T; 0 keeps "
                    "nothing (default: 1G)",
                    &image.cache_size);
  registry_options(parameters, image.registry);
}

RemoteImage remote_image(const ImageArgument& image, Console& console) {
  RemoteImage result;
  result.reference = parse_reference(image.text.substr(kTransport.size()));
  result.remote = connection_options(image.registry, console);
  result.remote.ca_file = made_absolute(result.remote.ca_file);
  if (image.platform) {
    result.how.platform = parse_platform(*image.platform);
  }
  result.how.cache = made_absolute(image.cache ? host_path(*image.cache) : default_cache());
  if (image.cache_size) {
    const auto size = parse_byte_count(*image.cache_size);
    if (!size) {
      throw UsageError{
          fmt::format("--cache-size: '{}' is not a number of bytes", *image.cache_size)};
    }
    result.how.cache_size = *size;
  }
  return result;
}

Image open_image(const ImageArgument& image, Console& console) {
  if (!image.is_remote()) {
    return open_image(image.text, image.regions);
  }
  RemoteImage remote = remote_image(image, console);
  remote.remote.stop = console.stop_on_interruption();
  return remote.open();
}

}  // namespace cim::cli
