// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/part_list.h"

#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "base/printable.h"

namespace cim::appx {
namespace {

// Paths of 32,767 units could have 16,000 levels, each of which is a directory of its own.
constexpr std::size_t kMaxLevels = 256;

constexpr FileId kRootDirectory = 0;

[[noreturn]] void fail(const ZipArchive& archive, std::string_view name, std::string_view reason) {
  throw Error(ErrorCode::kCorrupt, archive.bytes().name(),
              fmt::format("the name '{}' {}", printable(name), reason));
}

}  // namespace

PartList::PartList(std::shared_ptr<const ZipArchive> archive) : archive_(std::move(archive)) {
  for (std::uint64_t i = 0; i < archive_->entry_count(); ++i) {
    add(archive_->entry(i));
  }
}

// A file's name is spelled as its own entry has it: the directories in it may differ in case from
// those that another entry named first.
Part PartList::part(std::size_t index) const {
  if (is_directory(index)) {
    ImagePath path = directory_path(static_cast<NameIndex::EntryId>(index));
    std::string text = block_map_name(path);
    return {{}, {std::move(path), true, std::move(text)}};
  }
  ZipEntry entry = archive_->entry(entries_[index]);
  PartName name = decode_part_name(entry.name, archive_->bytes().name());
  return {std::move(entry), std::move(name)};
}

ImagePath PartList::directory_path(NameIndex::EntryId directory) const {
  std::vector<std::u16string_view> upwards;
  for (FileId at = directory + 1; at != kRootDirectory; at = names_.directory(at - 1)) {
    upwards.push_back(names_.name(at - 1));
  }
  ImagePath path;
  for (; !upwards.empty(); upwards.pop_back()) {
    path = std::move(path).child(upwards.back());
  }
  return path;
}

std::optional<std::size_t> PartList::find_child(std::optional<std::size_t> directory,
                                                std::u16string_view name) const {
  const FileId parent = directory ? static_cast<FileId>(*directory + 1) : kRootDirectory;
  const auto found = names_.find(parent, name);
  return found && names_.name(*found) == name ? std::optional<std::size_t>(*found) : std::nullopt;
}

std::optional<Part> PartList::find(std::string_view name) const {
  FileId at = kRootDirectory;
  for (std::string_view rest = name;;) {
    const std::size_t end = rest.find('\\');
    const auto utf16 = to_utf16(rest.substr(0, end));
    const auto found = utf16 ? names_.find(at, *utf16) : std::nullopt;
    if (!found) {
      return std::nullopt;
    }
    at = names_.file(*found);
    if (end == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(end + 1);
  }
  Part found = part(at - 1);
  if (found.name.is_directory || found.name.text != name) {
    return std::nullopt;
  }
  return found;
}

FileId PartList::add_part(FileId directory, std::u16string_view name, std::uint32_t entry) {
  const auto file = static_cast<FileId>(entries_.size() + 1);
  names_.add(directory, name, file);
  entries_.push_back(entry);
  return file;
}

// Returns the number of a directory, which is added unless it is there.
FileId PartList::enter_directory(FileId parent, std::u16string_view name) {
  if (const auto found = names_.find(parent, name)) {
    if (!is_directory(*found)) {
      fail(*archive_, part(*found).name.text, "is that of a file and of a directory");
    }
    return names_.file(*found);
  }
  ++directories_;
  return add_part(parent, name, kDirectory);
}

void PartList::add(const ZipEntry& entry) {
  const PartName name = decode_part_name(entry.name, archive_->bytes().name());
  const std::vector<std::u16string>& path = name.path.names();
  if (path.size() > kMaxLevels) {
    throw Error(ErrorCode::kLimit, archive_->bytes().name(),
                fmt::format("a name has more than {} levels", kMaxLevels));
  }
  if (name.is_directory && entry.size != 0) {
    fail(*archive_, name.text, "is that of a directory, but has data");
  }
  FileId directory = kRootDirectory;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    directory = enter_directory(directory, path[i]);
  }
  if (name.is_directory) {
    enter_directory(directory, path.back());
    return;
  }
  if (const auto found = names_.find(directory, path.back())) {
    const Part other = part(*found);
    fail(*archive_, name.text,
         other.name.is_directory        ? "is that of a file and of a directory"
         : other.name.text == name.text ? "is there twice"
                                        : "is there twice, but for the case of letters");
  }
  add_part(directory, path.back(), static_cast<std::uint32_t>(entry.index));
}

}  // namespace cim::appx
