// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Plans an export: all of a layer's image, or its differences from its parent's image.

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

/// An entry of the future tar, without its streams.
struct ExportStep {
  enum class Kind { kWhiteout, kEntry };

  Kind kind = Kind::kEntry;
  ImagePath path;
  FileId id = 0;  ///< unset for a whiteout
};

/// Receives the steps in the order of paths, ignoring case: a directory before its contents, and a
/// whiteout before an entry that replaces a file of another kind.
using StepSink = std::function<void(const ExportStep&)>;

/// Returns the file at a path, ignoring case; nullopt if there is none.
std::optional<FileId> find_file(const ImageReader& image, const ImagePath& path);

/// Returns the file with that name in a directory, ignoring case; nullopt if there is none, or
/// `directory` is not a directory.
std::optional<FileId> find_child(const ImageReader& image, FileId directory,
                                 std::u16string_view name);

/// Counts the names of each file of an image.
class NameCounts {
 public:
  /// Throws what DirectoryVisits throws.
  NameCounts(const ImageReader& image, const std::stop_token& stop);

  bool is_named_often(FileId id) const { return counts_[id] > 1; }
  /// Returns the bytes of all files that have a name, each counted once.
  std::uint64_t total_size() const noexcept { return total_size_; }

 private:
  std::vector<std::uint8_t> counts_;  // at most 2
  std::uint64_t total_size_ = 0;
};

/// True if the directory Hives was probably created by an import, for layers that do not record it:
/// it has the time of the import, the default descriptor, and only merged hives in it.
bool looks_made(const ImageReader& image, FileId hives);

/// Selects what is exported from an image, and receives the warnings.
struct ExportPlanOptions {
  ExportContent content = ExportContent::kLayer;
  /// True if importing created the directory Hives.
  bool made_hives = false;
  const WarningSink& warning;
  std::stop_token stop = {};
};

/// Plans every file of `image` that a tar contains. A flattened layer has no entries in Hives.
void plan_whole(const ImageReader& image, const ExportPlanOptions& options, const StepSink& sink);

/// The differences of `after` from `before`.
struct DiffPlan {
  std::vector<ExportStep> steps;
  /// For files with several names that have steps: a name that both images have, to which the
  /// others can be linked.
  SeededMap<FileId, ImagePath> kept_names;
};

/// `deltas` are the upper-case names in Hives of the layer's own delta hives; they are exported
/// even if the parent has equal ones.
DiffPlan plan_diff(const ImageReader& before, const ImageReader& after, const NameCounts& names,
                   const std::set<std::u16string>& deltas, const ExportPlanOptions& options,
                   const std::function<void()>& check_stop);

}  // namespace cim::layer
