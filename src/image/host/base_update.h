// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Follows the walk of a creation through the image that the new one is based on, and keeps there
// everything that the directory has too.

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cimlib/image_writer.h"

#include "image/host/base_comparison.h"
#include "image/host/host_tree.h"
#include "os/seeded_hash.h"

namespace cim {

class BaseUpdate {
 public:
  /// How much of an entry of the base remains.
  enum class Kept { kNothing, kAllButStreams, kAll };

  /// `tree` and `writer` must outlive this object.
  BaseUpdate(const std::filesystem::path& base, HostTree& tree, ImageWriter& writer)
      : base_(base), tree_(tree), writer_(writer) {}

  /// The files "NAME:STREAM" beside an entry, each with the name of the stream.
  using StreamFiles = std::vector<std::pair<std::string, std::u16string>>;
  /// Returns those of the entry `name`; `names` are those of its directory, sorted by their bytes.
  static StreamFiles stream_files(const std::vector<std::string>& names, const std::string& name);

  /// The open entry of the host and its place in the image. The references must outlive the call.
  struct Entry {
    const ImagePath& path;
    const HostMetadata& metadata;
    const StreamFiles& streams_in_files;
  };

  /// Registers a name of the current directory; returns false if it is already there, ignoring
  /// case.
  bool take(std::u16string_view name);
  bool has(std::u16string_view name) const;

  /// Keeps a directory or file of the base, with other metadata if these differ. If not everything
  /// remains, the caller has to open the entry again and to add the rest, after what is in the way
  /// has been removed here.
  Kept keep_directory(const Entry& entry);
  Kept keep_file(const Entry& entry, const BaseComparison::Read& read);
  /// Keeps a name of a file whose first name is `first`; returns false if it has to be added.
  bool keep_link(const ImagePath& path, const ImagePath& first);

  /// Returns true if all streams of the file of that name in the current directory were kept.
  bool has_kept_streams(std::u16string_view file) const;

  /// Enters the directory that keep_directory() was called for last.
  void enter();
  /// Removes what only the base has in the current directory, whose path is given, and leaves it.
  void leave(const ImagePath& path);

 private:
  struct Level {
    std::optional<FileId> directory{};  // of the base
    std::set<std::u16string> taken{};   // in upper case
    std::set<std::u16string> kept_streams{};
  };

  std::optional<FileId> place_of(const ImagePath& path) const;
  void clear_way(const ImagePath& path, bool is_spelled_alike);
  Kept keep(const Entry& entry, FileId id);
  bool has_same_streams(const Entry& entry, FileId id);

  BaseComparison base_;
  HostTree& tree_;
  ImageWriter& writer_;
  std::vector<Level> levels_;
  std::optional<FileId> next_;           // the directory of the base to enter
  SeededMap<FileId, ImagePath> claims_;  // files of the base, by the first name of the host's file
};

}  // namespace cim
