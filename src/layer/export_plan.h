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

/// Facts about all files that an export needs before it writes the first one.
class ExportedFiles {
 public:
  /// Throws kLimit if the image has more names than count_links() counts, kCancelled.
  ExportedFiles(const ImageReader& image, const std::stop_token& stop,
                Unreadable unreadable = Unreadable::kThrow);

  bool has_several_names(FileId id) const { return linked_.contains(id); }
  /// Returns the bytes in the data of all files, each counted once.
  std::uint64_t total_size() const noexcept { return total_size_; }

 private:
  SeededSet<FileId> linked_;
  std::uint64_t total_size_ = 0;
};

/// Selects what is exported from an image, and receives the warnings.
struct ExportPlanOptions {
  ExportContent content = ExportContent::kLayer;
  /// True if the layer's marker says that importing created the directory Hives.
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

/// Plans the differences of `after` from `before`. `deltas` are the upper-case names in Hives of
/// the layer's own delta hives, which are exported even if the parent has equal ones. `check_stop`
/// is called once for each name and may throw.
DiffPlan plan_diff(const ImageReader& before, const ImageReader& after,
                   const ExportedFiles& exported, const std::set<std::u16string>& deltas,
                   const ExportPlanOptions& options, const std::function<void()>& check_stop);

}  // namespace cim::layer
