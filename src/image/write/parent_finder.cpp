// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A file's record names one directory as its parent. If the name there is removed while the file
// has other names, one of those must take its place, and only back references lead to them.
// Without them, every directory of the base that the fork still reaches is searched, each once.
#include "image/write/parent_finder.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "cimlib/error.h"

#include "base/checked_math.h"
#include "image/read/region_files.h"
#include "os/file.h"
#include "os/seeded_hash.h"

namespace cim {

BackReferences::BackReferences(const ImageReader& image) {
  RegionLocator locator = image.locator();
  std::size_t region = 0;
  for (const RegionSet& set : image.region_sets()) {
    bool is_listed = false;
    for (unsigned i = 0; i < set.region_count; ++i, ++region) {
      is_listed |= image.files().regions()[region].type == RegionType::kMetadata &&
                   add_list(locator.find(object_id_file_name(set.guid, i)));
    }
    is_complete_ = is_complete_ && is_listed;
  }
}

// Adds the list of one object id file; returns false if there is none that can be used.
bool BackReferences::add_list(const std::filesystem::path& path) {
  try {
    const File file = File::open_read_unlinked(path);
    List list = {.path = path};
    std::array<std::byte, format::kObjectIdHeaderSize> head{};
    file.read_at(0, head);
    const auto header = format::decode_object_id_header(head, path.string());
    const std::uint64_t start =
        header.table_offset + std::uint64_t{header.count} * format::kObjectIdEntrySize;
    std::array<std::byte, format::kBackReferencesHeaderSize> list_head{};
    file.read_at(start, list_head);
    const auto count = format::decode_back_references_header(list_head);
    list.offset = start + list_head.size();
    list.count = count.value_or(0);
    if (!count || !fits_within(list.offset, std::uint64_t{*count} * format::kBackReferenceSize,
                               file.size())) {
      return false;
    }
    lists_.push_back(std::move(list));
    return true;
  } catch (const Error&) {  // an image is complete without it
    return false;
  }
}

void BackReferences::for_each(
    const std::function<void(const format::BackReference&)>& visit) const {
  constexpr std::uint32_t kAtOnce = 8192;
  Bytes bytes;
  for (const List& list : lists_) {
    const File file = File::open_read_unlinked(list.path);
    for (std::uint32_t first = 0; first < list.count; first += kAtOnce) {
      const std::uint32_t count = std::min(kAtOnce, list.count - first);
      bytes.resize(count * format::kBackReferenceSize);
      file.read_at(list.offset + std::uint64_t{first} * format::kBackReferenceSize, bytes);
      ByteReader reader(bytes, "");
      for (std::uint32_t i = 0; i < count; ++i) {
        visit(format::decode_back_reference(reader));
      }
    }
  }
}

void UnmodifiedDirectories::for_each(const Visitor& visit) {
  base_.for_each_record([&](FileId id, const format::FileRecord& record) {
    if (record.is_directory() && record.stream.length != 0 && !fork_.opened.contains(id) &&
        is_reached(id)) {
      visit(id, record);
    }
  });
}

// Collects the files of a directory that the fork writes once, however many are looked for.
bool UnmodifiedDirectories::is_in(FileId file, FileId written_directory) {
  const auto [files, is_new] = files_in_.try_emplace(written_directory);
  if (is_new) {
    const NameIndex& names = fork_.names;
    for (auto name = names.first_of(written_directory); name; name = names.next_of(*name)) {
      files->second.insert(names.file(*name));
    }
  }
  return files->second.contains(file);
}

// Walks up until the answer is known. A cycle of parents, which only a damaged image has, counts as
// not reached.
bool UnmodifiedDirectories::is_reached(FileId directory) {
  std::vector<FileId> path;
  bool reached = false;
  for (FileId at = directory;;) {
    if (const auto known = reached_.find(at); known != reached_.end()) {
      reached = known->second;
      break;
    }
    path.push_back(at);
    if (at == base_.root()) {
      reached = true;
      break;
    }
    if (const auto moved = fork_.moved.find(at); moved != fork_.moved.end()) {
      reached = is_in(at, moved->second);
      break;
    }
    reached_.emplace(at, false);
    const FileId parent = base_.record(at).parent;
    if (parent == 0) {  // version 1 does not record it
      reached = true;
      break;
    }
    if (fork_.opened.contains(parent) && !is_in(at, parent)) {
      break;
    }
    at = parent;
  }
  for (const FileId id : path) {
    reached_[id] = reached;
  }
  return reached;
}

ParentFinder::ParentFinder(const ImageReader& base, const ForkNames& fork)
    : base_(base), fork_(fork), unopened_(base, fork), budget_(base), back_references_(base) {}

void ParentFinder::add(FileId file, FileId parent) {
  parents_.emplace(file, parent);
}

// A file with one name vanishes with its directory. Only a file with back references may have
// another name, so if these are complete, no other file needs to be looked at.
void ParentFinder::add_orphans() {
  const auto add_if_orphan = [this](FileId file, const format::FileRecord& record) {
    if (!record.is_directory() && record.parent != 0 && !unopened_.leads_to(record.parent)) {
      add(file, record.parent);
    }
  };
  if (!back_references_.is_complete()) {
    base_.for_each_record(add_if_orphan);
    return;
  }
  back_references_.for_each([&](const format::BackReference& name) {
    if (!parents_.contains(name.file) && name.file <= base_.max_file_id()) {
      add_if_orphan(name.file, base_.record(name.file));
    }
  });
}

// Records a directory for a file. The first one found is kept unless the parent of record turns up.
void ParentFinder::assign(FileId file, FileId directory) {
  const auto [holder, is_first] = directories_of_.try_emplace(file, directory);
  if (!is_first && directory == parents_.at(file)) {
    holder->second = directory;
  }
}

// Names that the fork writes itself are in memory and cost nothing to search.
SeededMap<FileId, FileId> ParentFinder::find() {
  find_in_names();
  if (back_references_.is_complete()) {
    search_likely_directories();
  } else if (directories_of_.size() < parents_.size()) {
    search_base();
  }
  return std::move(directories_of_);
}

void ParentFinder::find_in_names() {
  for (NameIndex::EntryId entry = 0; !parents_.empty() && entry < fork_.names.end(); ++entry) {
    if (const FileId file = fork_.names.file(entry); file != 0 && parents_.contains(file)) {
      assign(file, fork_.names.directory(entry));
    }
  }
}

// A back reference may be out of date, so the directory itself is read.
void ParentFinder::search_likely_directories() {
  std::set<FileId> directories;
  for (const auto& [file, parent] : parents_) {
    directories.insert(parent);
  }
  back_references_.for_each([&](const format::BackReference& name) {
    if (parents_.contains(name.file)) {
      directories.insert(name.directory);
    }
  });
  for (const FileId directory : directories) {
    if (directory != 0 && directory <= base_.max_file_id() && !fork_.opened.contains(directory) &&
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
      assign(file, directory);
    }
  }
}

}  // namespace cim
