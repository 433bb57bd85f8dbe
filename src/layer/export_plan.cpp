// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/export_plan.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/security_descriptor.h"
#include "cimlib/wtf8.h"

#include "base/upcase.h"
#include "image/diff_file.h"
#include "image/directory_pair.h"
#include "layer/standard_files.h"

namespace cim::layer {
namespace {

using Entries = std::vector<DirectoryEntry>;

bool is_same_name(std::u16string_view a, std::u16string_view b) {
  return compare_ignoring_case(a, b) == 0;
}

std::u16string utf16_of(std::string_view text) {
  return to_utf16(text).value_or(std::u16string());
}

/// Goes into the directories of an image, none of them twice.
class Directories {
 public:
  explicit Directories(const ImageReader& image) : image_(image) {}

  /// The entries by name, whatever order the image has.
  Entries enter(FileId id) {
    if (!entered_.insert(id).second) {
      throw Error(ErrorCode::kCorrupt, image_.path().string(),
                  fmt::format("directory {} has a second name", id));
    }
    const auto table = image_.directory(id, image_.record(id));
    Entries entries;
    entries.reserve(table->size());
    for (std::uint32_t i = 0; i < table->size(); ++i) {
      entries.push_back({table->name(i), table->file_id(i)});
    }
    std::ranges::sort(entries, [](const DirectoryEntry& a, const DirectoryEntry& b) {
      return compare_ignoring_case(a.name, b.name) < 0;
    });
    return entries;
  }

 private:
  const ImageReader& image_;
  std::unordered_set<FileId> entered_;
};

// Importing makes it: of the time of the import, and without protection.
bool is_made_by_importing(const ImageReader& image, const format::FileRecord& record) {
  const FileTime time = record.times.creation;
  return record.times == FileTimes{time, time, time, time} && record.streams.is_absent() &&
         record.extended_attributes.is_absent() && record.reparse_data.is_absent() &&
         std::ranges::equal(image.security_descriptor(record), kDefaultSecurityDescriptor);
}

/// What the root and Hives have that no tar has, by place and name.
class Filter {
 public:
  Filter(const ImageReader& image, const WarningSink& warning,
         ExportContent content = ExportContent::kLayer)
      : image_(image), warning_(warning), content_(content) {
    for (const LayerHive& hive : kLayerHives) {
      merged_.push_back(ImagePath::parse(hive.base()).names().back());
    }
  }

  /// Of the entries of the directory `path`, those that a tar can have.
  Entries keep(const ImagePath& path, Entries entries) const {
    if (path.is_root()) {
      std::erase_if(entries, [this](const DirectoryEntry& e) { return !is_of_tars(e.name); });
    } else if (is_hives(path)) {
      std::erase_if(entries, [this](const DirectoryEntry& e) { return is_merged(e.name); });
    }
    return entries;
  }

  bool is_hives(const ImagePath& path) const {
    return path.names().size() == 1 && is_same_name(path.name(), u"Hives");
  }

 private:
  bool is_of_tars(std::u16string_view name) const {
    static constexpr std::array<std::u16string_view, 3> kRoots = {u"Files", u"Hives", u"UtilityVM"};
    const auto is_it = [name](std::u16string_view root) { return is_same_name(root, name); };
    const bool is_one = std::ranges::any_of(kRoots, is_it);
    if (is_one && is_it(kRoots[1])) {
      return content_ == ExportContent::kLayer;
    }
    if (!is_one && warning_ && !is_it(utf16_of(kLayoutFile))) {
      warning_(fmt::format("{}: \\{} is left out; a layer's tar has no such place",
                           image_.path().string(), to_wtf8(name)));
    }
    return is_one;
  }

  bool is_merged(std::u16string_view name) const {
    return std::ranges::any_of(merged_,
                               [name](const auto& each) { return is_same_name(each, name); });
  }

  const ImageReader& image_;
  const WarningSink& warning_;
  const ExportContent content_;
  std::vector<std::u16string> merged_;
};

struct OpenDirectory {
  Entries entries;
  std::size_t next = 0;
};

class DiffPlanner {
 public:
  DiffPlanner(const ImageReader& before, const ImageReader& after, const NameCounts& names,
              const std::set<std::u16string>& deltas, const WarningSink& warning)
      : before_(before),
        after_(after),
        names_(names),
        deltas_(deltas),
        filter_before_(before, quiet_),
        filter_after_(after, warning),
        directories_before_(before),
        directories_after_(after),
        files_(before, after) {}

  DiffPlan run(const std::function<void()>& check_stop) {
    enter(before_.root(), after_.root());
    while (!open_.empty()) {
      check_stop();
      step();
    }
    keep_needed_names();
    return std::move(plan_);
  }

 private:
  void step() {
    const auto [a, b] = open_.back().take();
    if (a == nullptr && b == nullptr) {
      open_.pop_back();
      path_ = std::move(path_).parent();
      return;
    }
    const std::size_t depth = open_.size();
    path_ = std::move(path_).child((b != nullptr ? b : a)->name);
    if (a != nullptr && (b == nullptr || is_replaced(*a, *b))) {
      take_away(a->name);
    }
    if (b != nullptr) {
      const bool is_paired = a != nullptr && !is_replaced(*a, *b);
      compare(is_paired ? std::optional(a->id) : std::nullopt, b->id);
    }
    if (open_.size() == depth) {
      path_ = std::move(path_).parent();
    }
  }

  // A tar changes a thing by adding it anew, which keeps its name as it is spelled and, of a
  // directory, what is in it.
  bool is_replaced(const DirectoryEntry& a, const DirectoryEntry& b) const {
    const auto before = before_.record(a.id);
    const auto after = after_.record(b.id);
    return a.name != b.name || before.is_directory() != after.is_directory() ||
           (after.is_directory() && before_.reparse_data(before) != after_.reparse_data(after));
  }

  void take_away(const std::u16string& name) {
    ImagePath path = path_;
    plan_.steps.push_back({ExportStep::Kind::kWhiteout, std::move(path).parent().child(name)});
  }

  void compare(std::optional<FileId> before, FileId after) {
    const bool is_directory = after_.record(after).is_directory();
    const bool is_same = before && has_same_content(*before, after);
    if (is_same && (is_directory || takes_over(*before, after)) && !is_own_delta()) {
      keep_name(after);
    } else if (before || !filter_after_.is_hives(path_) ||
               !is_made_by_importing(after_, after_.record(after))) {
      plan_.steps.push_back({ExportStep::Kind::kEntry, path_, after});
    }
    if (is_directory) {
      enter(before, after);
    }
  }

  bool has_same_content(FileId before, FileId after) {
    std::vector<std::u16string> streams;
    return files_.is_same_record(before, after) || files_.compare(before, after, streams) == 0;
  }

  // A file of the parent lives on as one file of the layer, under all names that both have. Where
  // names of one file went apart, or those of several came together, the first pair counts.
  bool takes_over(FileId before, FileId after) {
    const auto [heir, is_first] = heirs_.try_emplace(before, after);
    const auto [source, is_new] = sources_.try_emplace(after, before);
    return heir->second == after && source->second == before;
  }

  bool is_own_delta() const {
    return path_.names().size() == 2 && filter_after_.is_hives(path_.parent()) &&
           deltas_.contains(upcase(path_.name()));
  }

  void keep_name(FileId id) {
    if (names_.is_named_often(id)) {
      plan_.kept_names.try_emplace(id, path_);
    }
  }

  void enter(std::optional<FileId> before, FileId after) {
    DirectoryPair pair;
    if (before) {
      pair.before = filter_before_.keep(path_, directories_before_.enter(*before));
    }
    pair.after = filter_after_.keep(path_, directories_after_.enter(after));
    open_.push_back(std::move(pair));
  }

  void keep_needed_names() {
    std::unordered_set<FileId> needed;
    for (const ExportStep& each : plan_.steps) {
      needed.insert(each.id);
    }
    std::erase_if(plan_.kept_names, [&](const auto& kept) { return !needed.contains(kept.first); });
  }

  const ImageReader& before_;
  const ImageReader& after_;
  const NameCounts& names_;
  const std::set<std::u16string>& deltas_;
  const WarningSink quiet_;
  Filter filter_before_;
  Filter filter_after_;
  Directories directories_before_;
  Directories directories_after_;
  FileComparison files_;
  std::unordered_map<FileId, FileId> heirs_;    // of a file of the parent, the layer's
  std::unordered_map<FileId, FileId> sources_;  // the other way
  std::vector<DirectoryPair> open_;             // a stack of the heap, since trees may be deep
  ImagePath path_;
  DiffPlan plan_;
};

}  // namespace

std::optional<FileId> find_file(const ImageReader& image, const ImagePath& path) {
  FileId id = image.root();
  for (const std::u16string& name : path.names()) {
    const auto record = image.record(id);
    if (!record.is_directory()) {
      return std::nullopt;
    }
    const auto table = image.directory(id, record);
    const auto index = table->find(name, image.upcase());
    if (!index) {
      return std::nullopt;
    }
    id = table->file_id(*index);
  }
  return id;
}

NameCounts::NameCounts(const ImageReader& image) : counts_(std::size_t{image.max_file_id()} + 1) {
  std::vector<std::uint64_t> sizes(counts_.size());
  std::vector<FileId> directories;
  image.for_each_record([&](FileId id, const format::FileRecord& record) {
    if (record.is_directory()) {
      directories.push_back(id);
    } else {
      sizes[id] = record.stream.length;
    }
  });
  std::unordered_set<FileId> entered = {image.root()};
  std::vector<FileId> open = {image.root()};
  const std::unordered_set<FileId> is_directory(directories.begin(), directories.end());
  while (!open.empty()) {
    const FileId directory = open.back();
    open.pop_back();
    const auto table = image.directory(directory, image.record(directory));
    for (std::uint32_t i = 0; i < table->size(); ++i) {
      const FileId id = table->file_id(i);
      if (id >= counts_.size()) {
        continue;  // told where the entry is met
      }
      if (is_directory.contains(id) && entered.insert(id).second) {
        open.push_back(id);
      }
      total_size_ += counts_[id] == 0 ? sizes[id] : 0;
      counts_[id] = static_cast<std::uint8_t>(std::min(counts_[id] + 1, 2));
    }
  }
}

void plan_whole(const ImageReader& image, ExportContent content, const WarningSink& warning,
                const StepSink& sink) {
  const Filter filter(image, warning, content);
  Directories directories(image);
  ExportStep step;
  std::vector<OpenDirectory> open;
  const auto enter = [&](FileId id) {
    open.push_back({filter.keep(step.path, directories.enter(id))});
  };
  enter(image.root());
  while (!open.empty()) {
    if (open.back().next == open.back().entries.size()) {
      open.pop_back();
      step.path = std::move(step.path).parent();
      continue;
    }
    const DirectoryEntry& entry = open.back().entries[open.back().next++];
    step.path = std::move(step.path).child(entry.name);
    step.id = entry.id;
    const auto record = image.record(entry.id);
    if (!filter.is_hives(step.path) || !is_made_by_importing(image, record)) {
      sink(step);
    }
    if (record.is_directory()) {
      enter(step.id);
    } else {
      step.path = std::move(step.path).parent();
    }
  }
}

DiffPlan plan_diff(const ImageReader& before, const ImageReader& after, const NameCounts& names,
                   const std::set<std::u16string>& deltas, const WarningSink& warning,
                   const std::function<void()>& check_stop) {
  return DiffPlanner(before, after, names, deltas, warning).run(check_stop);
}

}  // namespace cim::layer
