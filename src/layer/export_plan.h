// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What of a layer's image is to be exported: all of it, or what its parent's image lacks.

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/image_path.h"
#include "cimlib/layer_export.h"
#include "cimlib/progress.h"

#include "image/read/image_reader.h"
#include "os/seeded_hash.h"

namespace cim::layer {

/// One entry of the tar to be, streams apart.
struct ExportStep {
  enum class Kind { kWhiteout, kEntry };

  Kind kind = Kind::kEntry;
  ImagePath path;
  FileId id = 0;  ///< of an entry
};

/// In the order of paths, letter case apart: a directory before what is in it, and where something
/// is replaced by another kind of thing, its whiteout first.
using StepSink = std::function<void(const ExportStep&)>;

/// The file at a path, letter case apart.
std::optional<FileId> find_file(const ImageReader& image, const ImagePath& path);

/// The file of a name in a directory, letter case apart; nullopt for a directory that is not one.
std::optional<FileId> find_child(const ImageReader& image, FileId directory,
                                 std::u16string_view name);

/// How often each file of an image is named.
class NameCounts {
 public:
  /// Throws what DirectoryVisits throws.
  NameCounts(const ImageReader& image, const std::stop_token& stop);

  bool is_named_often(FileId id) const { return counts_[id] > 1; }
  /// Bytes of all files that have a name, each once.
  std::uint64_t total_size() const noexcept { return total_size_; }

 private:
  std::vector<std::uint8_t> counts_;  // up to 2
  std::uint64_t total_size_ = 0;
};

/// Whether the directory Hives of a layer that says nothing of it looks as importing makes it: of
/// the time of the import, without protection, and with hives that importing merged.
bool looks_made(const ImageReader& image, FileId hives);

/// What of an image is exported, and how it is reported.
struct ExportPlanOptions {
  ExportContent content = ExportContent::kLayer;
  /// Whether importing made the directory Hives.
  bool made_hives = false;
  const WarningSink& warning;
  std::stop_token stop = {};
};

/// Every file of `image` that a tar has. Of a flattened layer that is nothing in Hives.
void plan_whole(const ImageReader& image, const ExportPlanOptions& options, const StepSink& sink);

/// What `after` differs in from `before`.
struct DiffPlan {
  std::vector<ExportStep> steps;
  /// Of files with many names that have steps: a name that is in both images and stays, to which
  /// the others can be linked.
  SeededMap<FileId, ImagePath> kept_names;
};

/// `deltas` are the upper-case names in Hives of differences that the layer has itself; they are
/// exported even if the parent has the same.
DiffPlan plan_diff(const ImageReader& before, const ImageReader& after, const NameCounts& names,
                   const std::set<std::u16string>& deltas, const ExportPlanOptions& options,
                   const std::function<void()>& check_stop);

}  // namespace cim::layer
