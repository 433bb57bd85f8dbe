// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/image.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/utf16.h"
#include "image/read/directory_visits.h"
#include "image/read/image_reader.h"

namespace cim {
namespace {

// A directory whose entries are being visited. A walk holds a stack of these, so that a deep tree
// takes heap memory, not the thread's stack.
struct OpenDirectory {
  std::shared_ptr<const format::LinkTable> table;
  std::uint32_t next = 0;
};

class Walk {
 public:
  Walk(const Image& image, const ImagePath& from, const Image::Visitor& visit,
       const WalkOptions& options)
      : image_(image),
        path_(from),
        visit_(visit),
        options_(options),
        visits_(image, options.stop) {}

  void run(FileId start) {
    const FileInfo info = image_.info(start);
    if (!visit_({path_, info}) || options_.depth == 0 || !is_entered({path_, info})) {
      return;
    }
    enter(start);
    while (!open_.empty()) {
      OpenDirectory& directory = open_.back();
      if (directory.next == directory.table->size()) {
        open_.pop_back();
        path_ = std::move(path_).parent();
        continue;
      }
      const FileId id = directory.table->file_id(directory.next);
      path_ = std::move(path_).child(directory.table->name(directory.next));
      ++directory.next;
      if (!step_to(id)) {
        return;
      }
    }
  }

 private:
  // Returns false if the visitor wants to stop.
  bool step_to(FileId id) {
    const std::size_t depth = open_.size();
    const bool is_last = open_.back().next == open_.back().table->size();
    std::optional<FileInfo> info;
    attempt([&] {
      if (options_.refuses_blank_records) {
        reader_of(image_).refuse_blank_record(id);
      }
      info = image_.info(id);
    });
    const bool is_wanted = !info || visit_({path_, *info, is_last});
    if (is_wanted && info && depth < options_.depth && is_entered({path_, *info, is_last})) {
      attempt([&] { enter(id); });
    }
    if (open_.size() == depth) {
      path_ = std::move(path_).parent();
    }
    return is_wanted;
  }

  bool is_entered(const WalkEntry& entry) const {
    return entry.info.is_directory() && (!options_.enters || options_.enters(entry));
  }

  void enter(FileId id) { open_.push_back({visits_.table(id)}); }

  template <typename Action>
  void attempt(const Action& action) {
    try {
      action();
    } catch (const Error& error) {
      const bool ends_all =
          error.code() == ErrorCode::kCancelled || error.code() == ErrorCode::kLimit;
      if (ends_all || !options_.failure) {
        throw;
      }
      options_.failure(path_, error);
    }
  }

  const Image& image_;
  ImagePath path_;
  const Image::Visitor& visit_;
  const WalkOptions& options_;
  DirectoryVisits visits_;
  std::vector<OpenDirectory> open_;
};

}  // namespace

Image::Image(const std::filesystem::path& path, ReadPattern pattern)
    : Image(path, OpenOptions{.pattern = pattern}) {}

Image::Image(const std::filesystem::path& path, const OpenOptions& options)
    : reader_(std::make_shared<ImageReader>(path, options)) {}

Image::Image(std::shared_ptr<const ImageReader> reader) noexcept : reader_(std::move(reader)) {}

Image image_of(std::shared_ptr<const ImageReader> reader) noexcept {
  return Image(std::move(reader));
}

const ImageReader& reader_of(const Image& image) noexcept {
  return *image.reader_;
}

const std::filesystem::path& Image::path() const& noexcept {
  return reader_->path();
}
std::uint32_t Image::version_major() const noexcept {
  return reader_->version().major;
}
std::uint32_t Image::version_minor() const noexcept {
  return reader_->version().minor;
}
const std::vector<RegionSet>& Image::region_sets() const& noexcept {
  return reader_->region_sets();
}
const std::vector<Region>& Image::regions() const& noexcept {
  return reader_->files().regions();
}
FileId Image::root() const noexcept {
  return reader_->root();
}
FileId Image::max_file_id() const noexcept {
  return reader_->max_file_id();
}

int Image::region_descriptor(std::uint32_t region) const& {
  return reader_->files().keep_open(region).descriptor();
}

std::optional<FileId> Image::find_child(FileId directory, std::u16string_view name,
                                        NameMatch match) const {
  return reader_->find_child(directory, name, match);
}

std::optional<FileId> Image::find(const ImagePath& path) const {
  return reader_->find(path);
}

FileInfo Image::info(FileId id) const {
  return reader_->info(id, reader_->record(id));
}

std::vector<DirectoryEntry> Image::list(FileId directory) const {
  const auto record = reader_->record(directory);
  if (!record.is_directory()) {
    throw Error(ErrorCode::kInvalidArgument, path().string(),
                fmt::format("file {} is not a directory", directory));
  }
  const auto table = reader_->directory(directory, record);
  std::vector<DirectoryEntry> entries;
  entries.reserve(table->size());
  for (std::uint32_t i = 0; i < table->size(); ++i) {
    entries.push_back({table->name(i), table->file_id(i)});
  }
  return entries;
}

std::vector<LinkCount> Image::link_counts(const std::stop_token& stop) const {
  return count_links(*reader_, Unreadable::kIgnore, stop).value_or(LinkCounts()).hard_linked;
}

std::vector<StreamInfo> Image::streams(FileId id) const {
  const StreamList list = stream_list(id);
  std::vector<StreamInfo> streams;
  streams.reserve(list.size());
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    streams.push_back(list.info(i));
  }
  return streams;
}

StreamList Image::stream_list(FileId id) const {
  return {reader_, reader_->stream_table(reader_->record(id))};
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

Stream Image::open(const ImagePath& path) const {
  const auto id = find(path);
  if (!id) {
    throw Error(ErrorCode::kNotFound, reader_->path().string(),
                path.to_string() + " does not exist");
  }
  const auto record = reader_->record(*id);
  if (record.is_directory()) {
    throw Error(ErrorCode::kInvalidArgument, reader_->path().string(),
                path.to_string() + " is a directory");
  }
  return reader_->open(record.stream);
}

std::optional<Stream> Image::open_stream(FileId id, std::u16string_view name) const {
  const StreamList list = stream_list(id);
  const auto index = list.find(name);
  return index ? std::optional(list.open(*index)) : std::nullopt;
}

void Image::walk(const ImagePath& from, const Visitor& visit, const WalkOptions& options) const {
  const auto start = find(from);
  if (!start) {
    throw Error(ErrorCode::kNotFound, path().string(), from.to_string() + " does not exist");
  }
  Walk(*this, from, visit, options).run(*start);
}

StreamList::StreamList(std::shared_ptr<const ImageReader> reader,
                       std::shared_ptr<const format::LinkTable> table)
    : reader_(std::move(reader)), table_(std::move(table)) {}

std::uint32_t StreamList::size() const noexcept {
  return table_->size();
}

std::uint64_t StreamList::disk_size() const noexcept {
  return table_->disk_size();
}

StreamInfo StreamList::info(std::uint32_t index) const {
  const auto stream = table_->stream(index);
  return {table_->name(index), stream.length, reader_->storage_of(stream)};
}

Stream StreamList::open(std::uint32_t index) const {
  return reader_->open(table_->stream(index));
}

std::optional<std::uint32_t> StreamList::find(std::u16string_view name) const {
  return table_->find(name, reader_->upcase());
}

}  // namespace cim
