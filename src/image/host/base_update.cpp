// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/host/base_update.h"

#include <algorithm>
#include <utility>

#include "cimlib/wtf8.h"

#include "base/upcase.h"

namespace cim {

BaseUpdate::StreamFiles BaseUpdate::stream_files(const std::vector<std::string>& names,
                                                 const std::string& name) {
  StreamFiles files;
  const std::string start = name + ":";
  for (auto file = std::ranges::lower_bound(names, start);
       file != names.end() && file->starts_with(start); ++file) {
    if (const auto stream = to_utf16(file->substr(start.size()))) {
      files.emplace_back(*file, *stream);
    }
  }
  return files;
}

bool BaseUpdate::take(std::u16string_view name) {
  return levels_.back().taken.insert(upcase(name)).second;
}

bool BaseUpdate::has(std::u16string_view name) const {
  return levels_.back().taken.contains(upcase(name));
}

bool BaseUpdate::has_kept_streams(std::u16string_view file) const {
  return levels_.back().kept_streams.contains(upcase(file));
}

std::optional<FileId> BaseUpdate::place_of(const ImagePath& path) const {
  return path.is_root() ? base_.root() : base_.find(levels_.back().directory, path.name());
}

// A name in another spelling would keep it.
void BaseUpdate::clear_way(const ImagePath& path, bool is_spelled_alike) {
  if (!is_spelled_alike && writer_.exists(path)) {
    writer_.remove(path);
  }
}

BaseUpdate::Kept BaseUpdate::keep_directory(const Entry& entry) {
  const auto id = place_of(entry.path);
  next_ = id && base_.is_directory(*id) ? id : std::nullopt;
  if (!next_) {
    clear_way(entry.path, id.has_value());
    return Kept::kNothing;
  }
  return keep(entry, *next_);
}

// Data are compared first, while the entry is open.
BaseUpdate::Kept BaseUpdate::keep_file(const Entry& entry, const BaseComparison::Read& read) {
  const auto id = place_of(entry.path);
  if (!id || base_.is_directory(*id) || claims_.contains(*id) || !base_.has_data(*id, read)) {
    clear_way(entry.path, id.has_value());
    return Kept::kNothing;
  }
  claims_.emplace(*id, entry.path);
  return keep(entry, *id);
}

BaseUpdate::Kept BaseUpdate::keep(const Entry& entry, FileId id) {
  if (!base_.has_metadata(id, entry.metadata.view())) {
    writer_.replace_metadata(entry.path, entry.metadata.view());
  }
  if (has_same_streams(entry, id)) {
    if (!entry.path.is_root()) {
      levels_.back().kept_streams.insert(upcase(entry.path.name()));
    }
    return Kept::kAll;
  }
  for (const std::u16string& stream : base_.streams(id)) {
    writer_.remove(StreamPath{entry.path, stream});
  }
  return Kept::kAllButStreams;
}

// Streams of the host with equal names are left to the caller, which reports them.
bool BaseUpdate::has_same_streams(const Entry& entry, FileId id) {
  const std::vector<std::u16string> of_base = base_.streams(id);
  std::set<std::u16string> wanted(of_base.begin(), of_base.end());
  for (const std::string& stream : tree_.streams()) {
    const auto name = to_utf16(stream);
    if (!name || wanted.erase(*name) == 0 ||
        !base_.has_stream(id, *name, [&](const HostDataSink& sink) {
          try {
            tree_.read_stream(stream, sink);
          } catch (const Skipped&) {
            sink.begin(~std::uint64_t{0});  // the size of no stream
          }
        })) {
      return false;
    }
  }
  for (const auto& [file, name] : entry.streams_in_files) {
    if (tree_.was_read_as_stream(file)) {
      continue;
    }
    if (wanted.erase(name) == 0 || tree_.open(file).kind != HostKind::kFile ||
        !base_.has_stream(id, name, [&](const HostDataSink& sink) { tree_.read(sink); })) {
      return false;
    }
  }
  return wanted.empty();
}

bool BaseUpdate::keep_link(const ImagePath& path, const ImagePath& first) {
  const auto id = place_of(path);
  const auto claim = id ? claims_.find(*id) : claims_.end();
  if (claim != claims_.end() && claim->second == first) {
    return true;
  }
  clear_way(path, id && !base_.is_directory(*id));
  return false;
}

void BaseUpdate::enter() {
  levels_.push_back({.directory = next_});
}

void BaseUpdate::leave(const ImagePath& path) {
  const Level level = std::move(levels_.back());
  levels_.pop_back();
  if (level.directory) {
    for (const std::u16string& name : base_.others(*level.directory, level.taken)) {
      writer_.remove(path.child(name));
    }
  }
}

}  // namespace cim
