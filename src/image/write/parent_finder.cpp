// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/write/parent_finder.h"

#include <set>

#include "os/seeded_hash.h"

namespace cim {
namespace {

SeededSet<FileId> files_of_base(const NameIndex& names, FileId base_max) {
  SeededSet<FileId> files;
  for (NameIndex::EntryId entry = 0; entry < names.end(); ++entry) {
    if (const FileId file = names.file(entry); file != 0 && file <= base_max) {
      files.insert(file);
    }
  }
  return files;
}

}  // namespace

ParentFinder::ParentFinder(const ImageReader& base, const NameIndex& names,
                           const SeededSet<FileId>& opened, FileId base_max)
    : base_(base),
      names_(names),
      opened_(opened),
      held_(files_of_base(names, base_max)),
      unopened_(base, opened_, held_),
      budget_(base),
      further_(base) {}

void ParentFinder::add(FileId file, FileId parent) {
  parents_.emplace(file, parent);
}

void ParentFinder::add_orphans() {
  const auto add_if_orphan = [this](FileId file, const format::FileRecord& record) {
    if (!record.is_directory() && record.parent != 0 && !unopened_.leads_to(record.parent)) {
      add(file, record.parent);
    }
  };
  if (!further_.is_complete()) {
    base_.for_each_record(add_if_orphan);
    return;
  }
  further_.for_each([&](const format::BackReference& name) {
    if (!parents_.contains(name.file) && name.file <= base_.max_file_id()) {
      add_if_orphan(name.file, base_.record(name.file));
    }
  });
}

void ParentFinder::hold(FileId file, FileId directory) {
  const auto [holder, is_first] = holders_.try_emplace(file, directory);
  if (!is_first && directory == parents_.at(file)) {
    holder->second = directory;
  }
}

SeededMap<FileId, FileId> ParentFinder::find() {
  find_in_names();
  if (further_.is_complete()) {
    search_likely_directories();
  } else if (holders_.size() < parents_.size()) {
    search_base();
  }
  return std::move(holders_);
}

void ParentFinder::find_in_names() {
  for (NameIndex::EntryId entry = 0; !parents_.empty() && entry < names_.end(); ++entry) {
    if (const FileId file = names_.file(entry); file != 0 && parents_.contains(file)) {
      hold(file, names_.directory(entry));
    }
  }
}

void ParentFinder::search_likely_directories() {
  std::set<FileId> directories;
  for (const auto& [file, parent] : parents_) {
    directories.insert(parent);
  }
  further_.for_each([&](const format::BackReference& name) {
    if (parents_.contains(name.file)) {
      directories.insert(name.directory);
    }
  });
  for (const FileId directory : directories) {
    if (directory != 0 && directory <= base_.max_file_id() && !opened_.contains(directory) &&
        unopened_.leads_to(directory)) {
      const format::FileRecord record = base_.record(directory);
      if (record.is_directory() && record.stream.length != 0) {
        search(directory, record);
      }
    }
  }
}

void ParentFinder::search_base() {
  unopened_.for_each(
      [this](FileId directory, const format::FileRecord& record) { search(directory, record); });
}

void ParentFinder::search(FileId directory, const format::FileRecord& record) {
  budget_.take(record.stream.length);
  const auto table = base_.directory(directory, record);
  for (std::uint32_t i = 0; i < table->size(); ++i) {
    if (const FileId file = table->file_id(i); parents_.contains(file)) {
      hold(file, directory);
    }
  }
}

}  // namespace cim
