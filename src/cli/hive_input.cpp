// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/hive_input.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <utility>

#include "cimlib/byte_streams.h"
#include "cimlib/error.h"
#include "cimlib/host_path.h"
#include "cimlib/image.h"

#include "cli/image_reading.h"

namespace cim::cli {
namespace {

constexpr int kStandardInput = 0;

// The size that an image states is not trusted: reading stops at the maximum size of a hive.
ByteSource source_of(Stream stream, std::string name) {
  auto read = [stream = std::move(stream), offset = std::uint64_t{0}](
                  std::span<std::byte> into, const std::stop_token&) mutable {
    const std::size_t size = stream.read(offset, into);
    offset += size;
    return size;
  };
  return ByteSource::callback(std::move(read), std::nullopt, std::move(name));
}

}  // namespace

void image_option(Parameters& parameters, HiveOptions& options) {
  parameters.option("--in", "IMAGE",
                    "read the hive from this image; HIVE and --log are paths in it", &options.image,
                    Completes::kImages);
  regions_option(parameters, options.regions);
}

void hive_options(Parameters& parameters, HiveOptions& options) {
  image_option(parameters, options);
  parameters.option("--log", "FILE",
                    "apply this transaction log if the hive is torn; may be given more than once",
                    &options.logs, Completes::kFiles);
  parameters.flag("--as-is", "read a torn hive without its logs", options.as_is);
}

std::string name_of_hive(const std::string& hive, const std::optional<std::string>& image) {
  if (image) {
    return *image + ":" + hive;
  }
  return hive == "-" ? "standard input" : hive;
}

std::vector<std::byte> read_hive(const std::string& hive, const HiveOptions& where) {
  const std::string name = name_of_hive(hive, where.image);
  if (where.image) {
    const Image image = open_image(*where.image, where.regions);
    return registry::read_hive(source_of(image.open(ImagePath::parse(hive)), name));
  }
  if (!where.regions.empty()) {
    throw UsageError{"--regions is for images, so it needs --in"};
  }
  if (hive == "-") {
    return registry::read_hive(ByteSource::descriptor(kStandardInput, name));
  }
  return registry::read_hive(host_path(hive));
}

registry::Hive open_hive(const std::string& hive, const HiveOptions& options, Console& console) {
  std::vector<registry::LogFile> logs;
  for (const std::string& log : options.logs) {
    logs.push_back({log, read_hive(log, options)});
  }
  registry::OpenOptions open;
  open.dirty = options.as_is ? registry::DirtyHive::kReadAsIs : registry::DirtyHive::kRefuse;
  open.warning = [&console](const std::string& warning) { console.warn(warning); };
  return registry::Hive::from_bytes(read_hive(hive, options), name_of_hive(hive, options.image),
                                    logs, open);
}

registry::Key find_key(const registry::Hive& hive, const std::string& path,
                       const std::string& name) {
  const auto key = hive.find(path);
  if (!key) {
    throw Error(ErrorCode::kNotFound, path, "no such key in " + name);
  }
  return *key;
}

}  // namespace cim::cli
