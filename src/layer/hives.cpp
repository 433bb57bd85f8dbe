// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The hives of a base layer are complete and get a second name. A layer above has deltas, each of
// which is merged into the hive that the nearest parent has, so that the result is what a container
// of this layer sees.
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

#include "layer/sidecar_paths.h"
#include "os/file.h"
#include "os/host_path.h"
#include "registry/format/base_block.h"

namespace cim::layer {
namespace {

using registry::Hive;
using std::filesystem::path;

// The base block and 2 GiB of bins, the maximum of the format.
constexpr std::uint64_t kMaxHiveFile = (std::uint64_t{1} << 31) + 4096;

// A base block and one bin.
constexpr std::size_t kSmallestHive = 8192;

FileTimes all_times(FileTime time) {
  return {time, time, time, time};
}

void make_hives_directory(const OpenLayer& layer) {
  const ImagePath directory = ImagePath::parse(kHivesDirectory);
  if (!layer.image.is_directory(directory)) {
    layer.image.add(directory,
                    {.attributes = attribute::kDirectory, .times = all_times(layer.made_time)});
    layer.sidecars.note_made_hives();
  }
}

void add_made_file(const OpenLayer& layer, const std::string& path, ByteView bytes) {
  layer.sidecars.add(path, bytes);
  layer.image.add(ImagePath::parse(path),
                  {.attributes = attribute::kNormal, .times = all_times(layer.made_time)},
                  bytes.size());
  layer.image.write(bytes);
}

void refuse_deltas(const OpenLayer& layer) {
  for (const LayerHive& hive : kLayerHives) {
    if (layer.sidecars.contains(hive.delta())) {
      throw Error(ErrorCode::kCorrupt, layer.sidecars.name_of(hive.delta()),
                  "a delta hive in a layer without parents");
    }
  }
}

/// Returns true if the layer has the hives; it must have all or none.
bool has_hives(const OpenLayer& layer) {
  const LayerHive* present = nullptr;
  const LayerHive* missing = nullptr;
  for (const LayerHive& hive : kLayerHives) {
    (layer.sidecars.contains(hive.config()) ? present : missing) = &hive;
  }
  if (present != nullptr && missing != nullptr) {
    throw Error(ErrorCode::kCorrupt, layer.sidecars.name_of(missing->config()),
                fmt::format("the layer has {}, but not this hive", present->name));
  }
  return present != nullptr;
}

/// Reads a hive with `read_at(offset, bytes)`. If the file does not start like a hive, which can
/// happen with hostile layers, only its start is read: validation then reports what is wrong.
template <typename ReadAt>
Bytes read_hive(std::uint64_t size, const std::string& name, const ReadAt& read_at) {
  constexpr std::string_view kMagic = "regf";
  if (size > kMaxHiveFile) {
    throw Error(ErrorCode::kLimit, name, "larger than the limit for hives");
  }
  Bytes bytes(static_cast<std::size_t>(std::min<std::uint64_t>(size, kSmallestHive)));
  read_at(0, std::span(bytes));
  if (as_text(bytes).starts_with(kMagic) && bytes.size() < size) {
    const std::size_t known = bytes.size();
    bytes.resize(static_cast<std::size_t>(size));
    read_at(known, std::span(bytes).subspan(known));
  }
  return bytes;
}

Bytes read_hive_file(const std::filesystem::path& path, const std::string& name) {
  const File file = File::open_read(path);
  return read_hive(file.size(), name, [&file](std::uint64_t offset, std::span<std::byte> into) {
    file.read_at(offset, into);
  });
}

/// The bytes of a hive or a log, and its name for messages.
using NamedBytes = registry::LogFile;

// Reads the merged hive that is a sidecar file of the parent, if it has one.
std::optional<NamedBytes> read_sidecar_base(const path& parent, const LayerHive& hive) {
  const path file = parent / hive.base();
  if (!std::filesystem::exists(status_of(file))) {
    return std::nullopt;
  }
  return NamedBytes{file.string(), read_hive_file(file, file.string())};
}

std::optional<NamedBytes> read_in_image(const Image& image, const std::string& path) {
  const auto file = image.find(ImagePath::parse(path));
  if (!file || image.info(*file).is_directory()) {
    return std::nullopt;
  }
  const Stream stream = image.open(*file);
  std::string name = fmt::format("{}:{}", image.path().string(), path);
  Bytes bytes = read_hive(
      stream.size(), name,
      [&stream](std::uint64_t offset, std::span<std::byte> into) { stream.read(offset, into); });
  return NamedBytes{std::move(name), std::move(bytes)};
}

// Returns true for a dirty hive: one whose last write by Windows was interrupted.
bool is_dirty(ByteView hive) {
  try {
    return !registry::dirty_reason(registry::read_base_block(hive, {})).empty();
  } catch (const Error&) {
    return false;  // the fault is reported when the hive is read
  }
}

bool is_dirty_file(const path& hive) {
  Bytes head(kSmallestHive);
  head.resize(File::open_read(hive).read_some_at(0, head));
  return is_dirty(head);
}

std::vector<registry::LogFile> logs_of(const LayerPaths& layer, const LayerHive& hive) {
  const Image image(layer.image_path());
  std::vector<registry::LogFile> logs;
  for (const char* const end : {".LOG1", ".LOG2"}) {
    if (auto log = read_in_image(image, hive.config() + end)) {
      logs.push_back(*std::move(log));
    }
  }
  return logs;
}

/// Opens a hive. If it is dirty, it is recovered with the logs that are stored with it in its
/// layer.
Hive open_base(NamedBytes hive, const LayerPaths& layer, const LayerHive& which,
               const WarningSink& warning) {
  const auto logs = is_dirty(hive.bytes) ? logs_of(layer, which) : std::vector<registry::LogFile>();
  return Hive::from_bytes(std::move(hive.bytes), std::move(hive.name), logs, {.warning = warning});
}

/// If a layer has no differences of a hive, it has no sidecar file for it, but its image has the
/// parent's hive; so the nearest parent's image has the hive if any parent does.
Hive read_base(const OpenLayer& layer, const std::vector<LayerPaths>& parents,
               const LayerHive& hive) {
  for (const LayerPaths& parent : parents) {
    if (auto sidecars = read_sidecar_base(parent.layer, hive)) {
      return open_base(*std::move(sidecars), parent, hive, layer.warning);
    }
    if (&parent == &parents.front()) {
      if (auto inside = read_in_image(Image(parent.image_path()), hive.base())) {
        return open_base(*std::move(inside), parent, hive, layer.warning);
      }
    }
  }
  throw Error(ErrorCode::kCorrupt, layer.sidecars.name_of(hive.delta()),
              fmt::format("a delta hive, but no parent has {}", hive.base()));
}

void merge_delta(const OpenLayer& layer, const std::vector<LayerPaths>& parents,
                 const LayerHive& hive) {
  const Hive base = read_base(layer, parents, hive);
  const std::string name = layer.sidecars.name_of(hive.delta());
  const Hive delta =
      Hive::from_bytes(read_hive_file(layer.sidecars.staged(hive.delta()), name), name);
  // The hive's base block stores the name of the file, as `cim hive merge` and offreg.dll write it.
  const registry::MergedHive merged = registry::merge(base, delta, {.warning = layer.warning},
                                                      path(hive.base()).filename().string());
  add_made_file(layer, hive.base(), merged.bytes);
}

}  // namespace

// A container that starts from the base layer sees these hives as they are, so a hard link suffices
// and costs no space in the image.
void link_base_hives(const OpenLayer& layer) {
  refuse_deltas(layer);
  if (!has_hives(layer)) {
    if (layer.warning) {
      layer.warning(
          "the layer has no registry hives: containers cannot start from it, and layers with delta "
          "hives cannot be created on top of it");
    }
    return;
  }
  make_hives_directory(layer);
  for (const LayerHive& hive : kLayerHives) {
    layer.sidecars.add_link(hive.base(), hive.config());
    layer.image.add_link(ImagePath::parse(hive.base()), ImagePath::parse(hive.config()));
  }
  add_made_file(layer, std::string(kLayoutFile), as_bytes(kLayoutText));
}

void merge_delta_hives(const OpenLayer& layer, const std::vector<LayerPaths>& parents) {
  for (const LayerHive& hive : kLayerHives) {
    if (layer.sidecars.contains(hive.delta())) {
      make_hives_directory(layer);
      merge_delta(layer, parents, hive);
    }
  }
}

void warn_of_dirty_hives(const LayerPaths& layer, const WarningSink& warning) {
  if (!warning) {
    return;
  }
  for (const LayerHive& hive : kLayerHives) {
    try {
      const path file = layer.layer / hive.base();
      if (std::filesystem::exists(status_of(file)) && is_dirty_file(file)) {
        open_base(*read_sidecar_base(layer.layer, hive), layer, hive, {});
      }
    } catch (const Error& error) {
      warning(
          fmt::format("{}; layers with a delta of this hive cannot be created on top of this one",
                      error.what()));
    }
  }
}

}  // namespace cim::layer
