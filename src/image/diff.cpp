// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/diff.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/upcase.h"
#include "image/diff_file.h"
#include "image/directory_pair.h"
#include "image/image_reader.h"

namespace cim {
namespace {

constexpr std::array<AspectName, 10> kAspectNames = {{
    {aspect::kType, "type"},
    {aspect::kName, "name"},
    {aspect::kData, "data"},
    {aspect::kAttributes, "attributes"},
    {aspect::kTimes, "times"},
    {aspect::kSecurity, "security"},
    {aspect::kExtendedAttributes, "extended-attributes"},
    {aspect::kReparse, "reparse"},
    {aspect::kStreams, "streams"},
    {aspect::kLinks, "links"},
}};

using Entries = std::vector<DirectoryEntry>;

/// One of the two images, and which of its directories and files were met.
class Side {
 public:
  explicit Side(const std::filesystem::path& path)
      : reader_(std::make_shared<const ImageReader>(path)) {}

  const ImageReader& reader() const noexcept { return *reader_; }
  bool is_directory(FileId id) const { return reader_->record(id).is_directory(); }

  /// The entries by name. A directory that turns up twice would never come to an end.
  Entries enter(FileId id) {
    if (!entered_.insert(id).second) {
      throw Error(ErrorCode::kCorrupt, reader_->path().string(),
                  fmt::format("directory {} has a second name", id));
    }
    const auto table = reader_->directory(id, reader_->record(id));
    Entries entries;
    entries.reserve(table->size());
    for (std::uint32_t i = 0; i < table->size(); ++i) {
      entries.push_back({table->name(i), table->file_id(i)});
    }
    // The image may have another table of upper case, or break its own order.
    std::ranges::sort(entries, [](const DirectoryEntry& a, const DirectoryEntry& b) {
      return compare_ignoring_case(a.name, b.name) < 0;
    });
    return entries;
  }

  /// The number of the first of a file's names, the present one having `number`.
  std::uint64_t first_name(FileId id, std::uint64_t number) {
    return first_names_.try_emplace(id, number).first->second;
  }

 private:
  std::shared_ptr<const ImageReader> reader_;
  std::unordered_set<FileId> entered_;
  std::unordered_map<FileId, std::uint64_t> first_names_;
};

class Diff {
 public:
  Diff(const std::filesystem::path& before, const std::filesystem::path& after,
       const DiffOptions& options, const DifferenceSink& sink)
      : options_(options),
        sink_(sink),
        before_(before),
        after_(after),
        files_(before_.reader(), after_.reader()) {}

  DiffSummary run() {
    compare(before_.reader().root(), after_.reader().root());
    while (is_wanted_ && !open_.empty()) {
      step();
    }
    summary_.compared_bytes = files_.compared_bytes();
    return summary_;
  }

 private:
  void step() {
    const auto [a, b] = open_.back().take();
    if (a == nullptr && b == nullptr) {
      open_.pop_back();
      path_ = std::move(path_).parent();
      return;
    }
    report_progress();
    const std::size_t depth = open_.size();
    path_ = std::move(path_).child(b != nullptr ? b->name : a->name);
    if (a != nullptr && b != nullptr) {
      compare(a->id, b->id, a->name != b->name);
    } else if (a != nullptr) {
      tell_one(DifferenceKind::kRemoved, before_, a->id);
    } else {
      tell_one(DifferenceKind::kAdded, after_, b->id);
    }
    if (open_.size() == depth) {
      path_ = std::move(path_).parent();
    }
  }

  void report_progress() {
    if (options_.stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, after_.reader().path().string(), "stopped");
    }
    ++number_;
    if (options_.progress) {
      const std::string current = path_.to_string();
      options_.progress({.bytes_done = files_.compared_bytes(),
                         .bytes_total = std::nullopt,
                         .entries_done = number_,
                         .current = current});
    }
  }

  void tell_one(DifferenceKind kind, Side& side, FileId id) {
    side.first_name(id, number_);
    const bool is_directory = side.is_directory(id);
    tell({.kind = kind, .path = path_, .is_directory = is_directory});
    if (is_directory) {
      DirectoryPair pair;
      (kind == DifferenceKind::kRemoved ? pair.before : pair.after) = side.enter(id);
      open_.push_back(std::move(pair));
    }
  }

  void compare(FileId before, FileId after, bool is_renamed = false) {
    Difference difference = {.path = path_};
    if (is_renamed) {
      difference.aspects |= aspect::kName;
    }
    if (before_.first_name(before, number_) != after_.first_name(after, number_)) {
      difference.aspects |= aspect::kLinks;
    }
    if (!files_.is_same_record(before, after)) {
      difference.aspects |= files_.compare(before, after, difference.streams);
    }
    difference.aspects &= ~options_.ignored;
    const bool was_directory = before_.is_directory(before);
    difference.is_directory = after_.is_directory(after);
    const bool is_directory = difference.is_directory;
    if (difference.aspects != 0) {
      tell(difference);
    }
    if (was_directory || is_directory) {
      DirectoryPair pair;
      pair.before = was_directory ? before_.enter(before) : Entries();
      pair.after = is_directory ? after_.enter(after) : Entries();
      open_.push_back(std::move(pair));
    }
  }

  void tell(const Difference& difference) {
    switch (difference.kind) {
      case DifferenceKind::kAdded:
        ++summary_.added;
        break;
      case DifferenceKind::kRemoved:
        ++summary_.removed;
        break;
      case DifferenceKind::kChanged:
        ++summary_.changed;
        break;
    }
    is_wanted_ = is_wanted_ && sink_(difference);
  }

  const DiffOptions& options_;
  const DifferenceSink& sink_;
  Side before_;
  Side after_;
  FileComparison files_;
  std::vector<DirectoryPair> open_;  // a stack of the heap, since trees may be deep
  ImagePath path_;
  std::uint64_t number_ = 0;  // of the present name, both images together
  bool is_wanted_ = true;
  DiffSummary summary_;
};

}  // namespace

std::span<const AspectName> aspect_names() noexcept {
  return kAspectNames;
}

std::string_view to_string(DifferenceKind kind) noexcept {
  static constexpr std::array<std::string_view, 3> kNames = {"added", "removed", "changed"};
  return kNames[static_cast<std::size_t>(kind)];
}

DiffSummary diff(const std::filesystem::path& before, const std::filesystem::path& after,
                 const DiffOptions& options, const DifferenceSink& sink) {
  return Diff(before, after, options, sink).run();
}

}  // namespace cim
