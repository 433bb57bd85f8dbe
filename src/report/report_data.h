// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The contents of a report, in the form in which the page gets it: one array for each property of
// the entries of all layers. src/report/page/model.js reads it.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cimlib/check.h"
#include "cimlib/gc.h"
#include "cimlib/image_summary.h"

namespace cim::report {

/// The effect of an entry on that of the same path in the parent.
enum class Change : std::uint8_t { kAdds = 0, kReplaces = 1, kHides = 2 };

enum class Kind : std::uint8_t { kFile = 0, kDirectory = 1, kLink = 2 };

/// Values of `executables` for other files, and for executables that are stored as mapped; any
/// other value is an index into `reasons` plus one.
inline constexpr std::int32_t kNoExecutable = -1;
inline constexpr std::int32_t kExpanded = 0;

/// The entries of all layers, in the order of the layers and their paths. All arrays but the first
/// two have one element for each.
struct Entries {
  std::vector<std::int64_t> directory_parents;  ///< of directories: index of the one above, or -1
  std::vector<std::string> directory_names;     ///< in WTF-8

  std::vector<std::uint32_t> layers;
  std::vector<std::uint8_t> changes;  ///< Change
  std::vector<std::uint32_t> directories;
  std::vector<std::string> names;  ///< in WTF-8
  std::vector<std::uint8_t> kinds;
  std::vector<std::uint32_t> ids;
  std::vector<std::uint64_t> sizes;         ///< bytes of the default stream
  std::vector<std::uint64_t> stream_sizes;  ///< bytes of all alternate streams
  /// Bytes of the layer's own region files that this entry is the first to use.
  std::vector<std::uint64_t> costs;
  std::vector<std::int64_t> times;        ///< of the last write, in seconds since 1970
  std::vector<std::int64_t> objects;      ///< a number for each stored object; -1 without data
  std::vector<std::int32_t> executables;  ///< see kNoExecutable

  std::size_t size() const noexcept { return names.size(); }
};

struct StreamRow {
  std::size_t entry = 0;
  std::string name;
  std::uint64_t size = 0;
};

struct HiveRow {
  std::size_t entry = 0;
  std::uint64_t keys = 0;
  std::uint64_t values = 0;
  std::uint32_t minor_version = 0;
  bool is_delta = false;
  std::string error;  ///< why it could not be read; empty if it could
};

struct Layer {
  std::filesystem::path image;
  std::int64_t parent = -1;  ///< index of the layer below
  std::string version;
  ImageSummary summary;
  CheckReport check;
};

/// A file in the directory of the images.
struct RegionFile {
  std::string name;
  std::string kind;
  std::string region_set;
  std::uint64_t size = 0;
  bool is_missing = false;
  std::vector<std::size_t> users;  ///< layers
};

/// A name of an image of a store, and its top layer.
struct NamedImage {
  std::string name;
  std::size_t layer = 0;
};

struct Data {
  std::string source;
  bool is_store = false;
  std::vector<Layer> layers;  ///< parents before children
  std::vector<NamedImage> images;
  Entries entries;
  std::vector<std::string> reasons;
  std::vector<StreamRow> streams;
  std::vector<HiveRow> hives;
  std::vector<RegionFile> files;
  std::vector<GarbageFile> garbage;
  std::uint64_t unreadable = 0;
};

}  // namespace cim::report
