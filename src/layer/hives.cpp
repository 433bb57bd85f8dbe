// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/hives.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/hive.h"
#include "cimlib/image.h"
#include "cimlib/layer.h"

#include "base/file.h"
#include "base/path_status.h"
#include "layer/standard_files.h"

namespace cim::layer {
namespace {

using registry::Hive;

// A hive's head and 2 GiB of bins, which is more than any can have.
constexpr std::uint64_t kMaxHiveFile = (std::uint64_t{1} << 31) + 4096;

FileTimes all_times(FileTime time) {
  return {time, time, time, time};
}

void make_hives_directory(const OpenLayer& layer) {
  const ImagePath directory = ImagePath::parse(kHivesDirectory);
  if (!layer.image.is_directory(directory)) {
    layer.image.create(directory,
                       {.attributes = attribute::kDirectory, .times = all_times(layer.now)});
  }
}

void add_made_file(const OpenLayer& layer, const std::string& path, ByteView bytes) {
  layer.loose.add(path, bytes);
  layer.image.create(ImagePath::parse(path),
                     {.attributes = attribute::kNormal, .times = all_times(layer.now)},
                     bytes.size());
  layer.image.write(bytes);
}

void refuse_deltas(const OpenLayer& layer) {
  for (const LayerHive& hive : kLayerHives) {
    if (layer.loose.contains(hive.delta())) {
      throw Error(ErrorCode::kCorrupt, layer.loose.name_of(hive.delta()),
                  "differences of a hive, in a layer without parents");
    }
  }
}

/// Whether the layer has the hives; it must have all or none.
bool has_hives(const OpenLayer& layer) {
  const LayerHive* present = nullptr;
  const LayerHive* missing = nullptr;
  for (const LayerHive& hive : kLayerHives) {
    (layer.loose.contains(hive.config()) ? present : missing) = &hive;
  }
  if (present != nullptr && missing != nullptr) {
    throw Error(ErrorCode::kCorrupt, layer.loose.name_of(missing->config()),
                fmt::format("the layer lacks this hive, and has {}", present->name));
  }
  return present != nullptr;
}

/// Reads a hive with `read_at(offset, bytes)`. What does not even start as one is not read whole
/// before that is told: anything may be in the place of a hive.
template <typename ReadAt>
Hive read_hive(std::uint64_t size, std::string name, const ReadAt& read_at) {
  constexpr std::string_view kMagic = "regf";
  constexpr std::uint64_t kEnoughToRefuse = 8192;
  if (size > kMaxHiveFile) {
    throw Error(ErrorCode::kLimit, name, "larger than a hive can be");
  }
  Bytes bytes(static_cast<std::size_t>(std::min(size, kEnoughToRefuse)));
  read_at(0, std::span(bytes));
  if (as_text(bytes).starts_with(kMagic) && bytes.size() < size) {
    const std::size_t known = bytes.size();
    bytes.resize(static_cast<std::size_t>(size));
    read_at(known, std::span(bytes).subspan(known));
  }
  return Hive::from_bytes(std::move(bytes), std::move(name));
}

Hive read_hive_file(const std::filesystem::path& path, std::string name) {
  const File file = File::open_read(path);
  return read_hive(
      file.size(), std::move(name),
      [&file](std::uint64_t offset, std::span<std::byte> into) { file.read_at(offset, into); });
}

std::optional<Hive> read_loose_base(const std::filesystem::path& parent, const LayerHive& hive) {
  const auto path = parent / hive.base();
  return std::filesystem::exists(status_of(path))
             ? std::optional(read_hive_file(path, path.string()))
             : std::nullopt;
}

std::optional<Hive> read_base_in_image(const std::filesystem::path& parent, const LayerHive& hive) {
  const Image image(cim_path(parent));
  const auto file = image.find(ImagePath::parse(hive.base()));
  if (!file || image.info(*file).is_directory()) {
    return std::nullopt;
  }
  const Stream stream = image.open(*file);
  return read_hive(
      stream.size(), fmt::format("{}:{}", image.path().string(), hive.base()),
      [&stream](std::uint64_t offset, std::span<std::byte> into) { stream.read(offset, into); });
}

/// A layer without differences of a hive has no loose one, but its image has its parent's.
Hive read_base(const OpenLayer& layer, const std::vector<std::filesystem::path>& parents,
               const LayerHive& hive) {
  for (const std::filesystem::path& parent : parents) {
    if (auto loose = read_loose_base(parent, hive)) {
      return *std::move(loose);
    }
    if (auto inside = read_base_in_image(parent, hive)) {
      return *std::move(inside);
    }
  }
  throw Error(ErrorCode::kCorrupt, layer.loose.name_of(hive.delta()),
              fmt::format("differences of a hive, and no parent has {}", hive.base()));
}

void merge_delta(const OpenLayer& layer, const std::vector<std::filesystem::path>& parents,
                 const LayerHive& hive) {
  const Hive base = read_base(layer, parents, hive);
  const Hive delta =
      read_hive_file(layer.loose.staged(hive.delta()), layer.loose.name_of(hive.delta()));
  // The name goes into the hive's head, where the place of the store must not show.
  const registry::MergedHive merged =
      registry::merge(base, delta, {.warning = layer.warning}, hive.base());
  add_made_file(layer, hive.base(), merged.bytes);
}

}  // namespace

void link_base_hives(const OpenLayer& layer) {
  refuse_deltas(layer);
  if (!has_hives(layer)) {
    if (layer.warning) {
      layer.warning(
          "the layer has no registry hives: no container can start from it, and no layer "
          "with differences of hives can lie on it");
    }
    return;
  }
  make_hives_directory(layer);
  for (const LayerHive& hive : kLayerHives) {
    layer.loose.add_link(hive.base(), hive.config());
    layer.image.link(ImagePath::parse(hive.base()), ImagePath::parse(hive.config()));
  }
  add_made_file(layer, std::string(kLayoutFile), as_bytes(kLayoutText));
}

void merge_delta_hives(const OpenLayer& layer, const std::vector<std::filesystem::path>& parents) {
  for (const LayerHive& hive : kLayerHives) {
    if (layer.loose.contains(hive.delta())) {
      make_hives_directory(layer);
      merge_delta(layer, parents, hive);
    }
  }
}

}  // namespace cim::layer
