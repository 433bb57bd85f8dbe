// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/image.h"

#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/utf16.h"
#include "image/image_reader.h"
#include "image/link_counts.h"

namespace cim {
namespace {

// A directory whose entries are being visited. A walk holds a stack of these, so that a deep tree
// costs memory of the heap, and not of the thread's stack.
struct OpenDirectory {
  std::shared_ptr<const format::LinkTable> table;
  std::uint32_t next = 0;
};

}  // namespace

Image::Image(const std::filesystem::path& path, ReadPattern pattern)
    : reader_(std::make_shared<ImageReader>(path, pattern)) {}

const std::filesystem::path& Image::path() const noexcept {
  return reader_->path();
}
std::uint32_t Image::version_major() const noexcept {
  return reader_->version().major;
}
std::uint32_t Image::version_minor() const noexcept {
  return reader_->version().minor;
}
const std::vector<RegionSet>& Image::region_sets() const noexcept {
  return reader_->region_sets();
}
const std::vector<Region>& Image::regions() const noexcept {
  return reader_->files().regions();
}
FileId Image::root() const noexcept {
  return reader_->root();
}
FileId Image::max_file_id() const noexcept {
  return reader_->max_file_id();
}

int Image::region_descriptor(std::uint32_t region) const {
  return reader_->files().file(region).descriptor();
}

std::optional<FileId> Image::find_child(FileId directory, std::u16string_view name,
                                        NameMatch match) const {
  const auto record = reader_->record(directory);
  if (!record.is_directory()) {
    return std::nullopt;
  }
  const auto table = reader_->directory(directory, record);
  const auto index = table->find(name, reader_->upcase());
  if (!index || (match == NameMatch::kExact && table->name(*index) != name)) {
    return std::nullopt;
  }
  return table->file_id(*index);
}

std::optional<FileId> Image::find(const ImagePath& path) const {
  std::optional<FileId> id = root();
  for (const std::u16string& name : path.names()) {
    id = find_child(*id, name);
    if (!id) {
      break;
    }
  }
  return id;
}

FileInfo Image::info(FileId id) const {
  return reader_->info(id, reader_->record(id));
}

std::vector<DirectoryEntry> Image::list(FileId directory) const {
  const auto record = reader_->record(directory);
  if (!record.is_directory()) {
    throw Error(ErrorCode::kInvalidArgument, path().string(),
                fmt::format("file {} is no directory", directory));
  }
  const auto table = reader_->directory(directory, record);
  std::vector<DirectoryEntry> entries;
  entries.reserve(table->size());
  for (std::uint32_t i = 0; i < table->size(); ++i) {
    entries.push_back({table->name(i), table->file_id(i)});
  }
  return entries;
}

std::vector<LinkCount> Image::link_counts() const {
  return count_links(*reader_);
}

std::vector<StreamInfo> Image::streams(FileId id) const {
  const auto table = reader_->stream_table(reader_->record(id));
  std::vector<StreamInfo> streams;
  streams.reserve(table.size());
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    const auto stream = table.stream(i);
    streams.push_back({table.name(i), stream.length, reader_->storage_of(stream)});
  }
  return streams;
}

std::vector<std::byte> Image::security_descriptor(FileId id) const {
  return reader_->security_descriptor(reader_->record(id));
}

std::vector<std::byte> Image::extended_attributes(FileId id) const {
  return reader_->extended_attributes(reader_->record(id));
}

std::vector<std::byte> Image::reparse_data(FileId id) const {
  return reader_->reparse_data(reader_->record(id));
}

Stream Image::open(FileId id) const {
  const auto record = reader_->record(id);
  if (record.is_directory()) {
    throw Error(ErrorCode::kInvalidArgument, path().string(),
                fmt::format("file {} is a directory", id));
  }
  return reader_->open(record.stream);
}

std::optional<Stream> Image::open_stream(FileId id, std::u16string_view name) const {
  const auto table = reader_->stream_table(reader_->record(id));
  const auto index = table.find(name, reader_->upcase());
  return index ? std::optional(reader_->open(table.stream(*index))) : std::nullopt;
}

void Image::walk(const ImagePath& from, const Visitor& visit) const {
  const auto start = find(from);
  if (!start) {
    throw Error(ErrorCode::kNotFound, path().string(), from.to_string() + " is not there");
  }
  const FileInfo start_info = info(*start);
  if (!visit({from, start_info}) || !start_info.is_directory()) {
    return;
  }
  std::vector<OpenDirectory> open;
  std::unordered_set<FileId> entered;
  const auto enter = [&](FileId id, const ImagePath& path) {
    if (!entered.insert(id).second) {
      throw Error(ErrorCode::kCorrupt, this->path().string(),
                  fmt::format("directory {} has a second name, {}", id, path.to_string()));
    }
    open.push_back({reader_->directory(id, reader_->record(id))});
  };
  ImagePath path = from;
  enter(*start, path);
  while (!open.empty()) {
    OpenDirectory& directory = open.back();
    if (directory.next == directory.table->size()) {
      open.pop_back();
      path = std::move(path).parent();
      continue;
    }
    const FileId id = directory.table->file_id(directory.next);
    path = std::move(path).child(directory.table->name(directory.next));
    ++directory.next;
    const FileInfo child_info = info(id);
    if (!visit({path, child_info})) {
      return;
    }
    if (child_info.is_directory()) {
      enter(id, path);
    } else {
      path = std::move(path).parent();
    }
  }
}

}  // namespace cim
