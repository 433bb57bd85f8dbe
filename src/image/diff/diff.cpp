// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/diff.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cimlib/error.h"

#include "image/diff/diff_file.h"
#include "image/diff/directory_merge.h"
#include "image/read/image_reader.h"
#include "os/seeded_hash.h"

namespace cim {
namespace {

constexpr std::array<FieldName, 10> kFieldNames = {{
    {field::kType, "type"},
    {field::kName, "name"},
    {field::kData, "data"},
    {field::kAttributes, "attributes"},
    {field::kTimes, "times"},
    {field::kSecurity, "security"},
    {field::kExtendedAttributes, "extended-attributes"},
    {field::kReparse, "reparse"},
    {field::kStreams, "streams"},
    {field::kLinks, "links"},
}};

/// The result of comparing two files.
struct Compared {
  std::uint32_t fields = 0;
  std::vector<std::u16string> streams;
};

/// One of the two images, and which of its directories and files were visited.
class Side {
 public:
  Side(const std::filesystem::path& path, const DiffOptions& options)
      : reader_(std::make_shared<const ImageReader>(
            path, OpenOptions{.region_directories = options.region_directories,
                              .listings = options.listings})),
        directories_(*reader_, options.stop) {}

  const ImageReader& reader() const noexcept { return *reader_; }
  bool is_directory(FileId id) const { return reader_->record(id).is_directory(); }

  /// Returns the entries of `id`, empty if it is not a directory.
  DirectoryEntries enter(FileId id) {
    return is_directory(id) ? directories_.enter(id) : DirectoryEntries();
  }

  /// Returns the number of the first name of a file whose current name has `number`.
  std::uint64_t first_name(FileId id, std::uint64_t number) {
    return first_names_.try_emplace(id, number).first->second;
  }

 private:
  std::shared_ptr<const ImageReader> reader_;
  DirectoryVisits directories_;
  SeededMap<FileId, std::uint64_t> first_names_;
};

// Compares two images in one walk over the names of both. Each directory is entered once, and each
// pair of files is compared once.
class Diff {
 public:
  Diff(const std::filesystem::path& before, const std::filesystem::path& after,
       const DiffOptions& options, const DifferenceSink& sink)
      : options_(options),
        sink_(sink),
        before_(before, options),
        after_(after, options),
        files_(before_.reader(), after_.reader()) {}

  DiffSummary run() {
    compare(before_.reader().root(), after_.reader().root());
    for (EntryPair names = walk_.next(); is_wanted_ && !names.is_end(); names = walk_.next()) {
      visit(names.before, names.after);
    }
    summary_.compared_bytes = files_.compared_bytes();
    return summary_;
  }

 private:
  void visit(const DirectoryEntry* a, const DirectoryEntry* b) {
    report_progress();
    if (a != nullptr && b != nullptr) {
      compare(a->id, b->id, a->name != b->name);
    } else if (a != nullptr) {
      tell_one(DifferenceKind::kRemoved, before_, a->id);
    } else {
      tell_one(DifferenceKind::kAdded, after_, b->id);
    }
  }

  void report_progress() {
    if (options_.stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, after_.reader().path().string(), "stopped");
    }
    ++number_;
    if (options_.progress) {
      const std::string current = walk_.path().to_string();
      options_.progress({.bytes_done = files_.compared_bytes(),
                         .bytes_total = std::nullopt,
                         .entries_done = number_,
                         .current = current});
    }
  }

  // A name that only one image has: everything below it is reported as well.
  void tell_one(DifferenceKind kind, Side& side, FileId id) {
    side.first_name(id, number_);
    const bool is_directory = side.is_directory(id);
    tell({.kind = kind, .path = walk_.path(), .is_directory = is_directory});
    if (is_directory) {
      if (kind == DifferenceKind::kRemoved) {
        walk_.enter(side.enter(id), {});
      } else {
        walk_.enter({}, side.enter(id));
      }
    }
  }

  // Two names of the same path. Their files have different links if the first names of the two
  // files differ.
  void compare(FileId before, FileId after, bool is_renamed = false) {
    Difference difference = {.path = walk_.path()};
    if (is_renamed) {
      difference.fields |= field::kName;
    }
    if (before_.first_name(before, number_) != after_.first_name(after, number_)) {
      difference.fields |= field::kLinks;
    }
    if (!files_.is_same_record(before, after)) {
      compare_files(before, after, difference);
    }
    difference.fields &= ~options_.ignored;
    const bool was_directory = before_.is_directory(before);
    difference.is_directory = after_.is_directory(after);
    const bool is_directory = difference.is_directory;
    if (difference.fields != 0) {
      tell(difference);
    }
    if (was_directory || is_directory) {
      walk_.enter(before_.enter(before), after_.enter(after));
    }
  }

  // Compares each pair of files once, however many names the two have in common.
  void compare_files(FileId before, FileId after, Difference& difference) {
    const auto [known, is_new] =
        compared_.try_emplace(std::uint64_t{before} << 32U | std::uint64_t{after});
    Compared& files = known->second;
    if (is_new) {
      files.fields = files_.compare(before, after, files.streams);
    }
    difference.fields |= files.fields;
    difference.streams = files.streams;
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
  LockstepWalk walk_;
  SeededMap<std::uint64_t, Compared> compared_;  // by both ids
  std::uint64_t number_ = 0;                     // of the current name, counting both images
                                                 // together
  bool is_wanted_ = true;
  DiffSummary summary_;
};

}  // namespace

std::span<const FieldName> field_names() noexcept {
  return kFieldNames;
}

DiffSummary diff(const std::filesystem::path& before, const std::filesystem::path& after,
                 const DiffOptions& options, const DifferenceSink& sink) {
  return Diff(before, after, options, sink).run();
}

}  // namespace cim
