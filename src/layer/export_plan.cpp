// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A whole layer is planned while it is written. Differences are planned completely before the first
// is written, because a name that is found late may be the target to which earlier ones are linked.
#include "layer/export_plan.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/security_descriptor.h"
#include "cimlib/wtf8.h"

#include "base/upcase.h"
#include "image/diff/diff_file.h"
#include "image/diff/directory_merge.h"
#include "layer/sidecar_paths.h"
#include "os/seeded_hash.h"

namespace cim::layer {
namespace {

std::u16string utf16_of(std::string_view text) {
  return to_utf16(text).value_or(std::u16string());
}

bool is_text(const ImageReader& image, const format::FileRecord& record, std::string_view text) {
  if (record.stream.length != text.size()) {
    return false;
  }
  Bytes bytes(text.size());
  image.open(record.stream).read(0, bytes);
  return as_text(bytes) == text;
}

/// Leaves out entries of the root and of Hives that a tar does not contain, by place and name.
class Filter {
 public:
  Filter(const ImageReader& image, const WarningSink& warning,
         ExportContent content = ExportContent::kLayer)
      : image_(image), warning_(warning), content_(content) {}

  /// Returns those entries of the directory `path` that a tar can contain.
  DirectoryEntries keep(const ImagePath& path, DirectoryEntries entries) const {
    if (path.is_root()) {
      std::erase_if(entries, [this](const DirectoryEntry& e) { return !belongs_in_tar(e); });
    } else if (is_hives(path)) {
      leave_out_merged(entries);
    }
    return entries;
  }

  bool is_hives(const ImagePath& path) const {
    return path.names().size() == 1 && equal_ignoring_case(path.name(), u"Hives");
  }

 private:
  bool belongs_in_tar(const DirectoryEntry& entry) const {
    const std::u16string_view name = entry.name;
    static constexpr std::array<std::u16string_view, 3> kRoots = {u"Files", u"Hives", u"UtilityVM"};
    const auto is_it = [name](std::u16string_view root) { return equal_ignoring_case(root, name); };
    const bool is_one = std::ranges::any_of(kRoots, is_it);
    if (is_one && is_it(kRoots[1])) {
      return content_ == ExportContent::kLayer;
    }
    if (!is_one && warning_ && !is_layout(entry)) {
      warning_(fmt::format("{}: \\{} is skipped; a layer's tar cannot contain it",
                           image_.path().string(), to_wtf8(name)));
    }
    return is_one;
  }

  bool is_layout(const DirectoryEntry& entry) const {
    return equal_ignoring_case(entry.name, utf16_of(kLayoutFile)) &&
           is_text(image_, image_.record(entry.id), kLayoutText);
  }

  // Importing recreates a merged hive from the base layer's hive or from differences.
  void leave_out_merged(DirectoryEntries& entries) const {
    for (const LayerHive& hive : kLayerHives) {
      const auto has_name = [](const std::string& path) {
        return [name = ImagePath::parse(path).names().back()](const DirectoryEntry& entry) {
          return equal_ignoring_case(entry.name, name);
        };
      };
      const bool is_made = std::ranges::any_of(entries, has_name(hive.delta())) ||
                           image_.find(ImagePath::parse(hive.config()));
      if (std::erase_if(entries, has_name(hive.base())) != 0 && !is_made && warning_) {
        warning_(fmt::format("{}: \\{} is skipped, and importing does not create it again",
                             image_.path().string(), hive.base()));
      }
    }
  }

  const ImageReader& image_;
  const WarningSink& warning_;
  const ExportContent content_;
};

// Compares two images name by name, in path order. A name that only the parent has becomes a
// whiteout; one that is new or differs becomes an entry.
class DiffPlanner {
 public:
  DiffPlanner(const ImageReader& before, const ImageReader& after, const ExportedFiles& exported,
              const std::set<std::u16string>& deltas, const ExportPlanOptions& options)
      : before_(before),
        after_(after),
        exported_(exported),
        deltas_(deltas),
        made_hives_(options.made_hives),
        filter_before_(before, quiet_),
        filter_after_(after, options.warning),
        directories_before_(before, options.stop),
        directories_after_(after, options.stop),
        files_(before, after) {}

  DiffPlan run(const std::function<void()>& check_stop) {
    enter(before_.root(), after_.root());
    for (EntryPair names = walk_.next(); !names.is_end(); names = walk_.next()) {
      check_stop();
      visit(names.before, names.after);
    }
    keep_needed_names();
    return std::move(plan_);
  }

 private:
  void visit(const DirectoryEntry* a, const DirectoryEntry* b) {
    if (a != nullptr && (b == nullptr || is_replaced(*a, *b))) {
      add_whiteout(a->name);
    }
    if (b != nullptr) {
      const bool is_paired = a != nullptr && !is_replaced(*a, *b);
      compare(is_paired ? std::optional(a->id) : std::nullopt, b->id);
    }
  }

  // A tar changes a file by adding it again, which keeps the spelling of its name and, for a
  // directory, its contents.
  bool is_replaced(const DirectoryEntry& a, const DirectoryEntry& b) const {
    const auto before = before_.record(a.id);
    const auto after = after_.record(b.id);
    return a.name != b.name || before.is_directory() != after.is_directory() ||
           (after.is_directory() && before_.reparse_data(before) != after_.reparse_data(after));
  }

  void add_whiteout(const std::u16string& name) {
    ImagePath path = walk_.path();
    plan_.steps.push_back({ExportStep::Kind::kWhiteout, std::move(path).parent().child(name)});
  }

  void compare(std::optional<FileId> before, FileId after) {
    const bool is_directory = after_.record(after).is_directory();
    const bool is_same = before && has_same_content(*before, after);
    if (is_same && (is_directory || takes_over(*before, after)) && !is_own_delta()) {
      keep_name(after);
    } else if (before || !filter_after_.is_hives(walk_.path()) || !made_hives_) {
      plan_.steps.push_back({ExportStep::Kind::kEntry, walk_.path(), after});
    }
    if (is_directory) {
      enter(before, after);
    }
  }

  bool has_same_content(FileId before, FileId after) {
    std::vector<std::u16string> streams;
    return files_.is_same_record(before, after) || files_.compare(before, after, streams) == 0;
  }

  // A file of the parent continues as one file of the layer, under all names that both have. If the
  // names of one file were split between several files, or several files were joined, the first
  // pair counts.
  bool takes_over(FileId before, FileId after) {
    const auto [heir, is_first] = after_by_before_.try_emplace(before, after);
    const auto [source, is_new] = before_by_after_.try_emplace(after, before);
    return heir->second == after && source->second == before;
  }

  bool is_own_delta() const {
    const ImagePath& path = walk_.path();
    return path.names().size() == 2 && filter_after_.is_hives(path.parent()) &&
           deltas_.contains(upcase(path.name()));
  }

  void keep_name(FileId id) {
    if (exported_.has_several_names(id)) {
      plan_.kept_names.try_emplace(id, walk_.path());
    }
  }

  void enter(std::optional<FileId> before, FileId after) {
    const ImagePath& path = walk_.path();
    DirectoryEntries entries;
    if (before) {
      entries = filter_before_.keep(path, directories_before_.enter(*before));
    }
    walk_.enter(std::move(entries), filter_after_.keep(path, directories_after_.enter(after)));
  }

  // A kept name serves only as the target of links from exported names of the same file.
  void keep_needed_names() {
    SeededSet<FileId> needed;
    for (const ExportStep& each : plan_.steps) {
      needed.insert(each.id);
    }
    std::erase_if(plan_.kept_names, [&](const auto& kept) { return !needed.contains(kept.first); });
  }

  const ImageReader& before_;
  const ImageReader& after_;
  const ExportedFiles& exported_;
  const std::set<std::u16string>& deltas_;
  const bool made_hives_;
  const WarningSink quiet_;
  Filter filter_before_;
  Filter filter_after_;
  DirectoryVisits directories_before_;
  DirectoryVisits directories_after_;
  FileComparison files_;
  SeededMap<FileId, FileId> after_by_before_;  // a file of the parent to the layer's
  SeededMap<FileId, FileId> before_by_after_;  // a file of the layer to the parent's
  LockstepWalk walk_;
  DiffPlan plan_;
};

}  // namespace

ExportedFiles::ExportedFiles(const ImageReader& image, const std::stop_token& stop,
                             Unreadable unreadable) {
  const auto counts = count_links(image, unreadable, stop);
  if (!counts) {
    throw Error(ErrorCode::kLimit, image.path().string(),
                "it has more names than an export can track");
  }
  total_size_ = counts->file_bytes;
  for (const LinkCount& each : counts->hard_linked) {
    linked_.insert(each.file);
  }
}

void plan_whole(const ImageReader& image, const ExportPlanOptions& options, const StepSink& sink) {
  const Filter filter(image, options.warning, options.content);
  DirectoryVisits directories(image, options.stop);
  LockstepWalk walk;  // with nothing to compare with
  const auto enter = [&](FileId id) {
    walk.enter({}, filter.keep(walk.path(), directories.enter(id)));
  };
  enter(image.root());
  for (EntryPair names = walk.next(); !names.is_end(); names = walk.next()) {
    const FileId id = names.after->id;
    const auto record = image.record(id);
    if (!filter.is_hives(walk.path()) || !options.made_hives) {
      sink({ExportStep::Kind::kEntry, walk.path(), id});
    }
    if (record.is_directory()) {
      enter(id);
    }
  }
}

DiffPlan plan_diff(const ImageReader& before, const ImageReader& after,
                   const ExportedFiles& exported, const std::set<std::u16string>& deltas,
                   const ExportPlanOptions& options, const std::function<void()>& check_stop) {
  return DiffPlanner(before, after, exported, deltas, options).run(check_stop);
}

}  // namespace cim::layer
