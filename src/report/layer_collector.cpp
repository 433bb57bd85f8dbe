// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "report/layer_collector.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "cimlib/diff.h"
#include "cimlib/hive.h"
#include "cimlib/reparse.h"
#include "cimlib/wtf8.h"

#include "image/read/executable_kind.h"

namespace cim::report {
namespace {

constexpr std::uint64_t kMaxHiveSize = std::uint64_t{512} << 20;

// The region set of a region, and the number of the region in it.
std::pair<const RegionSet*, std::uint32_t> set_of(const Image& image, std::uint32_t region) {
  for (const RegionSet& set : image.region_sets()) {
    if (region < set.region_count) {
      return {&set, region};
    }
    region -= set.region_count;
  }
  return {nullptr, 0};
}

// Hives have no extension; Windows has them in few places. Others would cost a read for each file.
bool may_be_hive(const ImagePath& path) {
  const auto& names = path.names();
  const auto is_named = [&](std::size_t index, std::u16string_view name) {
    return index < names.size() &&
           ImagePath().child(names[index]).equals_ignoring_case(ImagePath().child(name));
  };
  const std::size_t last = names.size() - 1;
  return (last >= 1 && (is_named(last - 1, u"Hives") || is_named(last - 1, u"config") ||
                        is_named(last - 1, u"RegBack"))) ||
         is_named(last, u"NTUSER.DAT") || is_named(last, u"UsrClass.dat") || is_named(last, u"BCD");
}

bool is_link(const FileInfo& info) {
  return info.reparse_tag == reparse_tag::kSymlink || info.reparse_tag == reparse_tag::kMountPoint;
}

Kind kind_of(const FileInfo& info) {
  return is_link(info) ? Kind::kLink : (info.is_directory() ? Kind::kDirectory : Kind::kFile);
}

}  // namespace

std::pair<std::int64_t, bool> ObjectNumbers::number(const Guid& region_set, std::uint32_t region,
                                                    std::uint64_t offset) {
  const auto next = static_cast<std::int64_t>(numbers_.size());
  const auto [at, is_new] =
      numbers_.try_emplace(fmt::format("{}/{}/{}", region_set.to_string(), region, offset), next);
  return {at->second, is_new};
}

void LayerCollector::collect(std::size_t layer) {
  layer_ = layer;
  const Image image(data_.layers[layer].image, how_);
  tables_.emplace(image);
  const std::int64_t parent = data_.layers[layer].parent;
  if (parent < 0) {
    collect_all(image);
  } else {
    collect_changes(image, Image(data_.layers[static_cast<std::size_t>(parent)].image, how_));
  }
  tables_.reset();
}

void LayerCollector::collect_all(const Image& image) {
  const auto failure = [this](const ImagePath& path, const Error& error) {
    note_unreadable(path.to_string(), error);
  };
  image.walk({},
             [&](const WalkEntry& entry) {
               visit(image, entry.path, entry.info, Change::kAdds);
               return true;
             },
             {.stop = options_.stop, .failure = failure});
}

void LayerCollector::collect_changes(const Image& image, const Image& parent) {
  DiffOptions how;
  how.stop = options_.stop;
  how.region_directories = how_.region_directories;
  how.listings = how_.listings;
  diff(parent.path(), image.path(), how, [&](const Difference& difference) {
    const bool hides = difference.kind == DifferenceKind::kRemoved;
    const Image& from = hides ? parent : image;
    const auto id = from.find(difference.path);
    if (id) {
      const Change change = hides                                       ? Change::kHides
                            : difference.kind == DifferenceKind::kAdded ? Change::kAdds
                                                                        : Change::kReplaces;
      visit(from, difference.path, from.info(*id), change);
    }
    return true;
  });
}

// An entry that cannot be read completely is listed with what can be read.
void LayerCollector::visit(const Image& image, const ImagePath& path, const FileInfo& info,
                           Change change) {
  try {
    add(image, path, info, change);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kLimit || error.code() == ErrorCode::kCancelled) {
      throw;
    }
    note_unreadable(path.to_string(), error);
  }
  report_progress();
}

void LayerCollector::add(const Image& image, const ImagePath& path, const FileInfo& info,
                         Change change) {
  Entries& entries = data_.entries;
  const std::size_t entry = entries.size();
  entries.layers.push_back(static_cast<std::uint32_t>(layer_));
  entries.changes.push_back(static_cast<std::uint8_t>(change));
  entries.directories.push_back(directory_of(path.parent()));
  entries.names.push_back(path.is_root() ? std::string() : to_wtf8(path.name()));
  entries.kinds.push_back(static_cast<std::uint8_t>(kind_of(info)));
  entries.ids.push_back(info.id);
  entries.sizes.push_back(info.size);
  entries.stream_sizes.push_back(0);
  entries.costs.push_back(0);
  entries.times.push_back(info.times.last_write.to_unix().seconds);
  entries.objects.push_back(-1);
  entries.executables.push_back(kNoExecutable);
  if (change == Change::kHides) {
    return;
  }
  if (!info.is_directory()) {
    describe_data(image, info, entry);
    if (may_be_hive(path)) {
      describe_hive(image.open(info.id), path, entry);
    }
  }
  describe_streams(image, info, entry);
}

void LayerCollector::describe_data(const Image& image, const FileInfo& info, std::size_t entry) {
  Entries& entries = data_.entries;
  const Stream stream = image.open(info.id);
  tables_->take_map_of(stream);
  entries.costs[entry] += cost_of(image, stream, entries.objects[entry]);
  const ExecutableKind kind = executable_kind(stream, head_);
  if (kind.is_expanded) {
    entries.executables[entry] = kExpanded;
  } else if (!kind.plain_reason.empty()) {
    entries.executables[entry] = reason_number(kind.plain_reason);
  }
}

void LayerCollector::describe_streams(const Image& image, const FileInfo& info, std::size_t entry) {
  if (!info.has_streams) {
    return;
  }
  const StreamList streams = image.stream_list(info.id);
  tables_->take(streams.disk_size());
  for (std::uint32_t i = 0; i < streams.size(); ++i) {
    const Stream stream = streams.open(i);
    std::int64_t object = -1;
    data_.entries.costs[entry] += cost_of(image, stream, object);
    data_.entries.stream_sizes[entry] += stream.size();
    data_.streams.push_back(
        {entry, to_wtf8(std::u16string_view(streams.info(i).name)), stream.size()});
  }
}

void LayerCollector::describe_hive(const Stream& stream, const ImagePath& path, std::size_t entry) {
  std::array<std::byte, 4> magic{};
  if (stream.size() < magic.size() || stream.read(0, magic) < magic.size() ||
      as_text(magic) != "regf") {
    return;
  }
  HiveRow row;
  row.entry = entry;
  try {
    const auto hive =
        registry::Hive::from_bytes(stream.read_all(static_cast<std::size_t>(kMaxHiveSize)),
                                   path.to_string(), {.dirty = registry::DirtyHive::kReadAsIs});
    row.keys = hive.key_count();
    row.values = hive.value_count();
    row.minor_version = hive.minor_version();
    row.is_delta = hive.is_layered();
  } catch (const Error& error) {
    row.error = error.reason();
  }
  data_.hives.push_back(std::move(row));
}

// Sizes of extents are those of the bytes that a reader sees; padding is not counted.
std::uint64_t LayerCollector::cost_of(const Image& image, const Stream& stream,
                                      std::int64_t& object) {
  std::uint64_t cost = 0;
  const Extent* first = nullptr;
  bool is_own = false;
  for (const Extent& extent : stream.extents()) {
    if (extent.region_offset == 0) {
      continue;
    }
    if (first == nullptr) {
      first = &extent;
      const auto [set, index] = set_of(image, extent.region);
      if (set == nullptr) {
        return 0;
      }
      const auto [number, is_new] = objects_.number(set->guid, index, extent.region_offset);
      object = number;
      is_own = is_new && set->is_own;
    }
    cost += extent.size;
  }
  return is_own ? cost : 0;
}

// Directories above an entry need not be entries themselves, so the missing ones are added from the
// top down.
std::uint32_t LayerCollector::directory_of(const ImagePath& path) {
  Entries& entries = data_.entries;
  if (const auto found = directories_.find(path.to_string()); found != directories_.end()) {
    return found->second;
  }
  const auto add = [&](const std::string& text, std::int64_t parent, std::string name) {
    const auto number = static_cast<std::uint32_t>(entries.directory_names.size());
    const auto [at, is_new] = directories_.try_emplace(text, number);
    if (is_new) {
      entries.directory_parents.push_back(parent);
      entries.directory_names.push_back(std::move(name));
    }
    return at->second;
  };
  std::uint32_t number = add("\\", -1, {});
  std::string text;
  for (const std::u16string& name : path.names()) {
    std::string utf8 = to_wtf8(std::u16string_view(name));
    text += '\\' + utf8;
    number = add(text, number, std::move(utf8));
  }
  return number;
}

std::int32_t LayerCollector::reason_number(std::string_view reason) {
  const auto found = std::ranges::find(data_.reasons, reason);
  const auto index = static_cast<std::int32_t>(found - data_.reasons.begin());
  if (found == data_.reasons.end()) {
    data_.reasons.emplace_back(reason);
  }
  return index + 1;
}

void LayerCollector::note_unreadable(const std::string& path, const Error& error) {
  ++data_.unreadable;
  if (options_.warning) {
    options_.warning(fmt::format("{}: {}", path, error.what()));
  }
}

void LayerCollector::report_progress() {
  if (options_.progress) {
    options_.progress(
        {.bytes_done = 0, .bytes_total = {}, .entries_done = data_.entries.size(), .current = {}});
  }
}

}  // namespace cim::report
