// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/matching_files.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/hive.h"
#include "cimlib/image.h"

#include "layer/sidecar_paths.h"
#include "layer/utility_vm.h"
#include "os/file.h"
#include "os/host_path.h"

namespace cim::layer {
namespace {

using std::filesystem::path;

constexpr std::size_t kComparePiece = std::size_t{1} << 20;
constexpr std::uint64_t kLargestHive = std::uint64_t{1} << 31;
constexpr std::uint64_t kLargestNote = 4096;  // of the files that are not in the image

std::optional<Stream> stream_at(const Image& image, std::string_view file) {
  const auto id = image.find(ImagePath::parse(file));
  return id && !image.info(*id).is_directory() ? std::optional(image.open(*id)) : std::nullopt;
}

bool is_equal(const Stream& stream, const path& path) {
  const File file = File::open_read(path);
  if (file.size() != stream.size()) {
    return false;
  }
  Bytes ours(kComparePiece);
  Bytes theirs(kComparePiece);
  for (std::uint64_t at = 0; at < stream.size();) {
    const std::size_t got = stream.read(at, ours);
    if (file.read_some_at(at, std::span(theirs).first(got)) != got ||
        !std::equal(ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(got),
                    theirs.begin())) {
      return false;
    }
    at += got;
  }
  return true;
}

/// Returns the build number in the SOFTWARE hive of the image's utility VM.
std::string build_text(const Image& image) {
  const auto stream = stream_at(image, kUtilityVmSoftware);
  if (!stream || stream->size() > kLargestHive) {
    return {};
  }
  Bytes bytes(static_cast<std::size_t>(stream->size()));
  stream->read(0, bytes);
  const auto hive = registry::Hive::from_bytes(std::move(bytes), std::string(kUtilityVmSoftware),
                                               {.dirty = registry::DirtyHive::kReadAsIs});
  return fmt::format("{}", build_number(hive, std::string(kUtilityVmSoftware)));
}

// Files that are not in the image are compared with what a writer would derive from it.
bool matches(const Image& image, const path& layer, const std::string& file) {
  if (const auto stream = stream_at(image, file)) {
    return is_equal(*stream, layer / file);
  }
  if (file == kUtilityVmBuildFile) {
    return as_text(read_whole_file(layer / file, kLargestNote)) == build_text(image);
  }
  if (file == kOciRecordFile) {  // a layer imported from an OCI image is named by its chain id
    const Bytes record = read_whole_file(layer / file, kLargestNote);
    return as_text(record).find(fmt::format("{{\"chainId\":\"sha256:{}\",\"diffId\":",
                                            layer.filename().string())) == 0;
  }
  return false;
}

// A file that cannot be read or understood proves nothing.
bool is_proven(const Image& image, const path& layer, const std::string& file) {
  try {
    return is_plain_path(layer, file) &&
           std::filesystem::is_regular_file(link_status_of(layer / file)) &&
           matches(image, layer, file);
  } catch (const Error&) {
    return false;
  }
}

void add_file(LayerMarker& marker, const path& layer, const std::string& file) {
  marker.files.emplace(file, digest_of_file(layer / file));
  marker.directories.emplace(".");
  for (path directory = path(file).parent_path(); !directory.empty();
       directory = directory.parent_path()) {
    marker.directories.insert(directory.generic_string());
  }
}

std::optional<Image> try_open(const path& image) {
  try {
    return Image(image);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

LayerMarker matching_files(const LayerPaths& layer) {
  LayerMarker marker = {.image = marked_image(layer)};
  if (const auto image = try_open(layer.image_path())) {
    for (const std::string& file : all_sidecar_paths()) {
      if (is_proven(*image, layer.layer, file)) {
        add_file(marker, layer.layer, file);
      }
    }
  }
  return marker;
}

}  // namespace cim::layer
