// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/image_path.h"

#include "base/utf16.h"
#include "image/check/records.h"
#include "image/check/streams.h"
#include "os/seeded_hash.h"

namespace cim::image_check {
namespace {

// Follows the names from the root, each directory once. Afterwards the state of every file shows
// whether a name refers to it and whether its recorded parent is one of its directories.
class Tree {
 public:
  Tree(const CheckedFilesystem& filesystem, FileMap& files, Context& context)
      : filesystem_(filesystem), files_(files), context_(context), findings_(context.findings) {}

  void check() {
    if (!enter_root()) {
      return;
    }
    while (!waiting_.empty()) {
      context_.stop_if_asked();
      const FileId directory = waiting_.back();
      waiting_.pop_back();
      check_directory(directory);
    }
    files_.for_each([this](FileId id, FileState& state) { check_file(id, state); });
    if (removed_ != 0) {
      findings_.add(
          Kind::kFilesRemoved, context_.image,
          fmt::format("{} records of files without names, which forks keep for removed files",
                      removed_));
    }
  }

 private:
  // A table of names, with the directory that was found first to use it.
  struct Names {
    FileId directory = 0;
    bool has_directories = false;
  };

  bool enter_root() {
    const FileId root = filesystem_.root;
    FileState* const state = files_.find(root);
    if (state == nullptr || !state->is_there || !state->is_directory) {
      findings_.add(
          Kind::kRoot, filesystem_.root_spot,
          fmt::format("the root, file {}, is {}", root,
                      state == nullptr || !state->is_there ? "missing" : "not a directory"));
      return false;
    }
    state->is_reached = true;
    state->is_parent_right = state->parent == root;
    waiting_.push_back(root);
    return true;
  }

  // A table that several directories share is read only once; its names then belong to the first of
  // them.
  void check_directory(FileId id) {
    DirectoryState* const directory = files_.find_directory(id);
    if (directory == nullptr) {
      return;
    }
    const Spot field = files_.spot(id, offsetof(format::DiskFileRecord, stream), context_.regions);
    const auto [known, is_new] = tables_.try_emplace(directory->table.raw(), Names{id});
    if (!is_new) {
      check_shared(id, known->second, field);
      return;
    }
    auto bytes =
        context_.regions.read_table(directory->table, directory->length, "the directory", field);
    if (!bytes) {
      return;
    }
    const Spot start = context_.regions.spot(directory->table, id);
    SpotSink sink(findings_, start);
    const format::LinkTable table(*std::move(bytes), format::LinkTable::Values::kFileIds, sink,
                                  directory->length);
    check_order(table, *filesystem_.upcase, sink);
    Names& names = known->second;
    for (std::uint32_t i = 0; i < table.size(); ++i) {
      const std::u16string name = table.has_name(i) ? table.name(i) : std::u16string();
      const FileState* const child = files_.find(table.file_id(i));
      names.has_directories |= child != nullptr && child->is_directory;
      check_entry(id, directory->path_units, name, table.file_id(i),
                  start.at(table.value_offset(i)));
    }
  }

  // Hard links to the same files may make two directories alike; directories have only one name.
  void check_shared(FileId id, const Names& names, const Spot& spot) {
    findings_.add(names.has_directories ? Kind::kDirectoryTwice : Kind::kDirectoryShared, spot,
                  fmt::format("its table of names is that of directory {}", names.directory));
    sharing_.insert(id);
  }

  void check_entry(FileId directory, std::uint32_t path_units, const std::u16string& name,
                   FileId id, const Spot& spot) {
    ++context_.report.names;
    FileState* const state = files_.find(id);
    if (state == nullptr || !state->is_there) {
      findings_.add(
          Kind::kIdDangling, spot,
          fmt::format("\"{}\" refers to file {}, which does not exist", to_wtf8(name), id));
      return;
    }
    state->is_parent_right |= state->parent == directory && id != filesystem_.root;
    if (path_units + 1 + name.size() > kMaxPathUnits) {
      findings_.add(Kind::kPathLength, spot,
                    fmt::format("\"{}\" has a path of more than {} UTF-16 units", to_wtf8(name),
                                kMaxPathUnits));
    }
    if (std::exchange(state->is_reached, true)) {
      check_second_name(*state, directory, name, id, spot);
      return;
    }
    state->holder = directory;
    if (state->is_directory) {
      if (DirectoryState* const below = files_.find_directory(id)) {
        below->path_units = path_units + 1 + static_cast<std::uint32_t>(name.size());
      }
      waiting_.push_back(id);
    }
  }

  // Files may have several names. A directory must not: it is then either above itself or in two
  // places.
  void check_second_name(FileState& state, FileId directory, const std::u16string& name, FileId id,
                         const Spot& spot) {
    if (!state.is_directory) {
      state.has_more_names = true;
    } else if (is_above(id, directory)) {
      findings_.add(Kind::kDirectoryCycle, spot,
                    fmt::format("\"{}\" refers back to directory {}", to_wtf8(name), id));
    } else {
      findings_.add(Kind::kDirectoryTwice, spot,
                    fmt::format("\"{}\" is a second name of directory {}", to_wtf8(name), id));
    }
  }

  // Holders lead from every directory that was reached to the root. In a crafted image that may be
  // a long way, a million times; when the steps are used up, a cycle is reported as a second name.
  bool is_above(FileId above, FileId directory) {
    while (directory != above && directory != filesystem_.root && steps_left_ > 0) {
      directory = files_.find(directory)->holder;
      --steps_left_;
    }
    return directory == above;
  }

  // A fork keeps the records of files that it removed, so in an image with ancestors a file without
  // a name is not a fault.
  void check_file(FileId id, FileState& state) {
    if (!state.is_reached) {
      if (context_.has_ancestors) {
        ++removed_;
      } else {
        findings_.add(Kind::kFileUnreachable, files_.spot(id, 0, context_.regions),
                      "no name refers to this file");
      }
      return;
    }
    ++(state.is_directory ? context_.report.directories : context_.report.files);
    context_.report.hard_linked_files += state.has_more_names ? 1U : 0U;
    if (state.has_parent && !state.is_parent_right && !sharing_.contains(state.parent)) {
      findings_.add(Kind::kParent,
                    files_.spot(id, offsetof(format::DiskFileRecord, parent), context_.regions),
                    fmt::format("its parent is file {}, which has no name for it", state.parent));
    }
  }

  const CheckedFilesystem& filesystem_;
  FileMap& files_;
  Context& context_;
  Findings& findings_;
  std::vector<FileId> waiting_;             // directories that were reached
  SeededMap<std::uint64_t, Names> tables_;  // by place
  SeededSet<FileId> sharing_;               // directories whose table was first found in another
                                            // one
  std::uint64_t removed_ = 0;
  std::uint64_t steps_left_ = std::uint64_t{1} << 24;
};

// Finds the paths of the files that findings are about.
class PathFinder {
 public:
  PathFinder(FileMap& files, const CheckedFilesystem& filesystem, Context& context)
      : files_(files), filesystem_(filesystem), context_(context) {}

  void find() {
    for (const Finding& finding : context_.findings.kept()) {
      ask_for(finding.id);
    }
    for (const auto& [directory, children] : asked_) {
      read_names(directory, children);
    }
    for (Finding& finding : context_.findings.kept()) {
      if (finding.id == filesystem_.root) {
        finding.path = "\\";
      } else if (is_reached(finding.id) && bytes_left_ > 0) {
        finding.path = path_of(finding.id);
        bytes_left_ -= std::min(bytes_left_, finding.path.size());
      }
    }
  }

 private:
  bool is_reached(FileId id) {
    const FileState* const state = files_.find(id);
    return state != nullptr && state->is_reached;
  }

  // Notes which names are needed, from the file up to the root or to a directory that was noted
  // before.
  void ask_for(FileId id) {
    while (is_reached(id) && id != filesystem_.root) {
      const FileId holder = files_.find(id)->holder;
      if (!asked_[holder].insert(id).second) {
        return;
      }
      id = holder;
    }
  }

  // Faults in the table were reported when it was read the first time.
  void read_names(FileId id, const SeededSet<FileId>& children) {
    const DirectoryState& directory = *files_.find_directory(id);
    CheckReport report;
    Findings unheard(report, 0);
    auto bytes = context_.regions.read_table_again(directory.table, directory.length);
    if (!bytes) {
      return;
    }
    SpotSink sink(unheard, {&context_.image});
    const format::LinkTable table(*std::move(bytes), format::LinkTable::Values::kFileIds, sink);
    for (std::uint32_t i = 0; i < table.size(); ++i) {
      if (table.has_name(i) && children.contains(table.file_id(i))) {
        names_.try_emplace(table.file_id(i), to_wtf8(table.name(i)));
      }
    }
  }

  // Writes a name that cannot be read as `?` and the file's id. Limits the steps, because
  // directories of a damaged image can be in a cycle.
  std::string path_of(FileId id) {
    std::vector<FileId> chain;
    for (; id != filesystem_.root; id = files_.find(id)->holder) {
      if (chain.size() > kMaxPathUnits || steps_left_ == 0) {
        return {};
      }
      --steps_left_;
      chain.push_back(id);
    }
    std::string path;
    for (auto step = chain.rbegin(); step != chain.rend(); ++step) {
      const auto name = names_.find(*step);
      path += '\\' + (name != names_.end() ? name->second : fmt::format("?{}", *step));
    }
    return path;
  }

  FileMap& files_;
  const CheckedFilesystem& filesystem_;
  Context& context_;
  std::map<FileId, SeededSet<FileId>> asked_;  // by the directory that holds them
  SeededMap<FileId, std::string> names_;
  // Limits the total length of all paths, which are long in a crafted image.
  std::size_t bytes_left_ = std::size_t{64} << 20;
  std::uint64_t steps_left_ = std::uint64_t{1} << 24;
};

}  // namespace

void check_tree(const CheckedFilesystem& filesystem, FileMap& files, Context& context) {
  Tree(filesystem, files, context).check();
}

void find_paths(FileMap& files, const CheckedFilesystem& filesystem, Context& context) {
  PathFinder(files, filesystem, context).find();
}

}  // namespace cim::image_check
