// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/image_writer.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "async/shared_bytes.h"
#include "async/source_reader.h"
#include "base/operation_guard.h"
#include "base/upcase.h"
#include "base/utf16.h"
#include "format/header.h"
#include "image/read/image_reader.h"
#include "image/read/region_files.h"
#include "image/write/data_writer.h"
#include "image/write/metadata_writer.h"
#include "image/write/object_store.h"
#include "image/write/tree.h"
#include "os/directory_lock.h"
#include "os/file.h"
#include "os/host_path.h"

namespace cim {
namespace {

bool replaces_base(const std::filesystem::path& image, const WriterOptions& options) {
  return options.base && is_same_file(*options.base, image);
}

// Two writers that replace the same base would each lose the other's changes.
LockMode lock_mode_of(const std::filesystem::path& image, const WriterOptions& options) {
  return options.lock_mode == LockMode::kExclusive || replaces_base(image, options)
             ? LockMode::kExclusive
             : LockMode::kShared;
}

void refuse_if_taken(const std::filesystem::path& image, const WriterOptions& options) {
  if (replaces_base(image, options)) {
    return;
  }
  if (std::filesystem::exists(link_status_of(image))) {
    throw Error(ErrorCode::kExists, image.string(), "the image already exists");
  }
}

std::shared_ptr<const ImageReader> open_base(const std::filesystem::path& base,
                                             const std::filesystem::path& image) {
  auto reader = std::make_shared<const ImageReader>(base);
  reader->files().require_all();
  if (!is_same_file(image_directory(base), image_directory(image))) {
    throw Error(
        ErrorCode::kInvalidArgument, image.string(),
        "a new image must be in the directory of the one that it starts from, " + base.string());
  }
  // We find and sort names by our table; unmodified directories would be sorted by another one.
  if (reader->upcase() != upcase_table()) {
    throw Error(ErrorCode::kUnsupported, base.string(),
                "its upcase table differs from that of Windows volumes");
  }
  return reader;
}

std::vector<format::RegionSetEntry> parent_sets(const ImageReader* base) {
  std::vector<format::RegionSetEntry> sets;
  if (base != nullptr) {
    for (const RegionSet& set : base->region_sets()) {
      sets.push_back({set.guid, set.region_count});
    }
  }
  return sets;
}

// Returns nullopt if the content determines the GUID.
std::optional<Guid> chosen_guid(const WriterOptions& options) {
  if (!options.region_set && !options.reproducible) {
    return Guid::random();
  }
  return options.region_set;
}

// Returns the times of a root directory for which the caller gave none.
FileTime present(const WriterOptions& options) {
  if (options.now) {
    return *options.now;
  }
  return options.reproducible ? FileTime::from_unix({}).value() : FileTime::now();
}

void check_size(const ImagePath& file, std::uint64_t size) {
  if (size > format::Stream::kMaxLength) {
    throw Error(
        ErrorCode::kLimit, file.to_string(),
        fmt::format("a stream of {} bytes; the limit is {}", size, format::Stream::kMaxLength));
  }
}

std::uint16_t count_regions(const std::vector<format::RegionSetEntry>& sets) {
  std::uint32_t count = 0;
  for (const format::RegionSetEntry& set : sets) {
    count += set.count;
  }
  if (count + ObjectStore::kRegionCount > format::kMaxRegions) {
    throw Error(ErrorCode::kLimit, "region sets", "an image cannot have more than 65536 regions");
  }
  return static_cast<std::uint16_t>(count);
}

}  // namespace

class ImageWriter::Impl {
 public:
  Impl(std::filesystem::path image, const WriterOptions& options)
      : image_(std::move(image)),
        options_(options),
        lock_(lock_directory()),
        base_(options.base ? open_base(*options.base, image_) : nullptr),
        parents_(parent_sets(base_.get())),
        store_(image_directory(image_), chosen_guid(options), count_regions(parents_),
               base_ ? AncestorObjects(base_) : AncestorObjects()),
        data_(store_),
        tree_(base_ ? Tree(base_) : Tree(root_record())) {}

  void add(const ImagePath& path, const FileMetadata& metadata, std::uint64_t size);
  void replace_data(const ImagePath& file, std::uint64_t size);
  void replace_metadata(const ImagePath& path, const FileMetadata& metadata);
  void add_alternate_stream(const StreamPath& stream, std::uint64_t size);
  /// Calls `start` with the size of `data`, then writes its bytes.
  template <typename Start>
  void add_from(const ByteSource& data, Start start) {
    guard_.require_open();
    const auto reader = open_source(data, buffers_);
    const std::uint64_t size = require_size(*reader);
    start(size);
    guard_.run([&] { copy_bytes(*reader, size, [this](const SharedBytes& run) { write(run); }); });
  }
  void write(const SharedBytes& shared);
  void write_zeros(std::uint64_t count);
  void close_stream() {
    guard_.run([this] { finish_stream(); });
  }
  void add_link(const ImagePath& path, const ImagePath& existing);
  void rename(const ImagePath& from, const ImagePath& to);
  bool remove(const ImagePath& path);
  bool remove(const StreamPath& stream);
  bool exists(const ImagePath& path) const {
    guard_.require_open();
    return tree_.find(path).has_value();
  }
  bool exists(const StreamPath& stream) {
    guard_.require_open();
    const auto id = tree_.find(stream.file);
    return id && tree_.streams(*id).contains(stream.stream);
  }
  bool is_directory(const ImagePath& path) const {
    guard_.require_open();
    const auto id = tree_.find(path);
    return id && tree_.record(*id).is_directory();
  }
  CommitSummary commit() {
    return guard_.close([this] { return publish(); });
  }

 private:
  // The stream that write() goes to: a file's default stream, or one of its alternate streams.
  struct OpenStream {
    FileId file;
    format::Stream* alternate;  // in the tree, or null
    std::string path;
  };

  std::unique_ptr<const DirectoryLock> lock_directory() const;
  format::FileRecord root_record();
  FileId place(const ImagePath& path, const format::FileRecord& record);
  void start(OpenStream target, std::uint64_t size, PeExpansion expansion);
  void require_room(std::uint64_t size) const;
  void finish_stream();
  CommitSummary publish();

  // The order of construction matters: everything from the base on is opened under the lock.
  std::filesystem::path image_;
  WriterOptions options_;
  std::unique_ptr<const DirectoryLock> lock_;  // released last, when no leftover file exists any
                                               // more
  std::shared_ptr<const ImageReader> base_;
  std::vector<format::RegionSetEntry> parents_;
  ObjectStore store_;
  DataWriter data_;
  Tree tree_;
  std::optional<OpenStream> open_;
  BufferPool buffers_{kReadSize};
  OperationGuard guard_{image_.string(), "the image is already committed"};
};

// The image and the base are examined while the lock is held, so they cannot change afterwards.
std::unique_ptr<const DirectoryLock> ImageWriter::Impl::lock_directory() const {
  auto lock = std::make_unique<const DirectoryLock>(image_directory(image_), options_.lock_timeout,
                                                    lock_mode_of(image_, options_));
  refuse_if_taken(image_, options_);
  return lock;
}

format::FileRecord ImageWriter::Impl::root_record() {
  const FileTime now = present(options_);
  return write_record(store_, {},
                      {.attributes = attribute::kDirectory, .times = {now, now, now, now}});
}

// A directory that replaces a directory keeps its id, parent and names. Everything else replaces
// the name, so that other hard links keep the old file.
FileId ImageWriter::Impl::place(const ImagePath& path, const format::FileRecord& record) {
  const auto existing = tree_.find(path);
  if (!existing) {
    return tree_.add(path, record);
  }
  if (tree_.record(*existing).is_directory() && record.is_directory()) {
    format::FileRecord& old = tree_.mutable_record(*existing);
    const FileId parent = old.parent;
    const format::Stream names = old.stream;
    old = record;
    old.parent = parent;
    old.stream = names;
    tree_.streams(*existing).clear();
    return *existing;
  }
  tree_.remove(path);
  return tree_.add(path, record);
}

void ImageWriter::Impl::add(const ImagePath& path, const FileMetadata& metadata,
                            std::uint64_t size) {
  close_stream();
  const bool is_directory = (metadata.attributes & attribute::kDirectory) != 0;
  if (is_directory && size != 0) {
    throw Error(ErrorCode::kInvalidArgument, path.to_string(),
                "it is a directory, which has no data");
  }
  if (path.is_root() && !is_directory) {
    throw Error(ErrorCode::kInvalidArgument, path.to_string(), "it is the root directory");
  }
  check_size(path, size);
  if (!path.is_root()) {
    tree_.parent_of(path);  // before anything is stored, so that a failure changes nothing
  }
  guard_.run([&] {
    const FileId id = place(path, write_record(store_, path, metadata));
    if (!is_directory) {
      start({id, nullptr, path.to_string()}, size, options_.pe_expansion);
    }
  });
}

void ImageWriter::Impl::replace_data(const ImagePath& file, std::uint64_t size) {
  close_stream();
  const auto id = tree_.find(file);
  if (!id) {
    throw Error(ErrorCode::kNotFound, file.to_string(), "the file to write to does not exist");
  }
  if (tree_.record(*id).is_directory()) {
    throw Error(ErrorCode::kInvalidArgument, file.to_string(),
                "it is a directory, which has no data");
  }
  check_size(file, size);
  guard_.run([&] { start({*id, nullptr, file.to_string()}, size, options_.pe_expansion); });
}

void ImageWriter::Impl::replace_metadata(const ImagePath& path, const FileMetadata& metadata) {
  close_stream();
  const auto id = tree_.find(path);
  if (!id) {
    throw Error(ErrorCode::kNotFound, path.to_string(),
                "the file whose metadata is replaced does not exist");
  }
  const bool is_directory = tree_.record(*id).is_directory();
  if (is_directory != ((metadata.attributes & attribute::kDirectory) != 0)) {
    throw Error(ErrorCode::kInvalidArgument, path.to_string(),
                is_directory ? "it is a directory" : "it is not a directory");
  }
  guard_.run([&] {
    format::FileRecord record = write_record(store_, path, metadata);
    format::FileRecord& old = tree_.mutable_record(*id);
    record.parent = old.parent;
    record.stream = old.stream;
    record.streams = old.streams;
    old = record;
  });
}

void ImageWriter::Impl::add_alternate_stream(const StreamPath& stream, std::uint64_t size) {
  close_stream();
  check_name(stream.stream);
  const auto id = tree_.find(stream.file);
  if (!id) {
    throw Error(ErrorCode::kNotFound, stream.file.to_string(),
                "the file of the stream does not exist");
  }
  check_size(stream.file, size);
  guard_.run([&] {
    const auto added = tree_.streams(*id).try_emplace(stream.stream).first;
    start({*id, &added->second, stream.file.to_string() + ":" + to_wtf8(stream.stream)}, size,
          PeExpansion::kPlain);
  });
}

void ImageWriter::Impl::start(OpenStream target, std::uint64_t size, PeExpansion expansion) {
  open_ = std::move(target);
  data_.start(size, expansion);
}

void ImageWriter::Impl::require_room(std::uint64_t size) const {
  if (!open_) {
    throw Error(ErrorCode::kInvalidArgument, image_.string(), "no file is open to write to");
  }
  if (size > data_.remaining()) {
    throw Error(ErrorCode::kInvalidArgument, open_->path,
                fmt::format("{} bytes are too many; only {} are left of the declared size", size,
                            data_.remaining()));
  }
}

void ImageWriter::Impl::write(const SharedBytes& shared) {
  guard_.run([&] {
    if (!shared.bytes.empty()) {
      require_room(shared.bytes.size());
      data_.write(shared);
    }
  });
}

void ImageWriter::Impl::write_zeros(std::uint64_t count) {
  guard_.run([&] {
    if (count > 0) {
      require_room(count);
      data_.write_zeros(count);
    }
  });
}

void ImageWriter::Impl::finish_stream() {
  if (!open_) {
    return;
  }
  const OpenStream target = *std::exchange(open_, std::nullopt);
  const format::Stream stream = data_.finish();
  if (target.alternate != nullptr) {
    *target.alternate = stream;
  } else {
    tree_.mutable_record(target.file).stream = stream;
  }
}

// A link to a name of the same file changes nothing; removing that name first could lose the file.
void ImageWriter::Impl::add_link(const ImagePath& path, const ImagePath& existing) {
  close_stream();
  const auto target = tree_.find(existing);
  if (!target) {
    throw Error(ErrorCode::kNotFound, existing.to_string(), "the file to link to does not exist");
  }
  if (tree_.record(*target).is_directory()) {
    throw Error(ErrorCode::kAccessDenied, existing.to_string(),
                "a directory cannot have hard links");
  }
  tree_.parent_of(path);
  const auto replaced = tree_.find(path);
  if (replaced == target) {
    return;
  }
  if (replaced && tree_.record(*replaced).is_directory()) {
    throw Error(ErrorCode::kAccessDenied, path.to_string(), "it is a directory");
  }
  guard_.run([&] {
    if (replaced) {
      tree_.remove(path);
    }
    tree_.link(path, *target);
  });
}

void ImageWriter::Impl::rename(const ImagePath& from, const ImagePath& to) {
  close_stream();
  if (from.is_root()) {
    throw Error(ErrorCode::kInvalidArgument, from.to_string(), "the root has no name");
  }
  const auto id = tree_.find(from);
  if (!id) {
    throw Error(ErrorCode::kNotFound, from.to_string(), "what is to be renamed does not exist");
  }
  tree_.parent_of(to);
  if (to.starts_with(from) && !to.equals_ignoring_case(from)) {
    throw Error(ErrorCode::kInvalidArgument, to.to_string(), "is inside of what is renamed");
  }
  if (const auto other = tree_.find(to); other && !to.equals_ignoring_case(from)) {
    throw Error(ErrorCode::kExists, to.to_string(), "already exists");
  }
  guard_.run([&] { tree_.rename(from, to); });
}

bool ImageWriter::Impl::remove(const ImagePath& path) {
  close_stream();
  if (path.is_root()) {
    throw Error(ErrorCode::kInvalidArgument, path.to_string(), "the root cannot be removed");
  }
  if (!tree_.find(path)) {
    return false;
  }
  guard_.run([&] { tree_.remove(path); });
  return true;
}

bool ImageWriter::Impl::remove(const StreamPath& stream) {
  close_stream();
  check_name(stream.stream);
  const auto id = tree_.find(stream.file);
  return id && guard_.run([&] { return tree_.streams(*id).erase(stream.stream) != 0; });
}

// The filesystem file is written last and renamed last, after all that it refers to is on disk:
// until then the image does not exist, and afterwards it is complete.
CommitSummary ImageWriter::Impl::publish() {
  finish_stream();
  const WrittenMetadata written = write_metadata(tree_, store_);
  CommitSummary summary;
  summary.files = written.new_files;
  summary.stored_bytes = store_.stored_bytes();
  summary.deduplicated_bytes = data_.deduplicated_bytes();
  store_.finish(written.back_references);
  format::FilesystemHeader header = {
      .own = {{}, ObjectStore::kRegionCount},
      .filesystem = written.filesystem,
      .parents = parents_,
  };
  header.own.guid = store_.assign_content_guid(format::encode(header));
  AtomicFile file(image_);
  file.file().write_at(0, format::encode(header));
  store_.sync(file.file());
  refuse_if_taken(image_, options_);  // while all files of the set can still be removed
  store_.rename_to_final();
  file.publish(replaces_base(image_, options_) ? Publish::kReplace : Publish::kFailIfThere,
               [this] { store_.dismiss(); });
  lock_.reset();
  return summary;
}

ImageWriter::ImageWriter(const std::filesystem::path& image, const WriterOptions& options)
    : impl_(std::make_unique<Impl>(image, options)) {}
ImageWriter::ImageWriter(ImageWriter&&) noexcept = default;
ImageWriter& ImageWriter::operator=(ImageWriter&&) noexcept = default;
ImageWriter::~ImageWriter() = default;

void ImageWriter::add(const ImagePath& path, const FileMetadata& metadata, std::uint64_t size) {
  impl_->add(path, metadata, size);
}
void ImageWriter::add(const ImagePath& path, const FileMetadata& metadata, const ByteSource& data) {
  impl_->add_from(data, [&](std::uint64_t size) { impl_->add(path, metadata, size); });
}
void ImageWriter::replace_data(const ImagePath& file, std::uint64_t size) {
  impl_->replace_data(file, size);
}
void ImageWriter::replace_data(const ImagePath& file, const ByteSource& data) {
  impl_->add_from(data, [&](std::uint64_t size) { impl_->replace_data(file, size); });
}
void ImageWriter::replace_metadata(const ImagePath& path, const FileMetadata& metadata) {
  impl_->replace_metadata(path, metadata);
}
void ImageWriter::add_alternate_stream(const StreamPath& stream, std::uint64_t size) {
  impl_->add_alternate_stream(stream, size);
}
void ImageWriter::add_alternate_stream(const StreamPath& stream, const ByteSource& data) {
  impl_->add_from(data, [&](std::uint64_t size) { impl_->add_alternate_stream(stream, size); });
}
void ImageWriter::write(std::span<const std::byte> bytes,
                        const std::shared_ptr<const void>& owner) {
  impl_->write({bytes, owner});
}
void ImageWriter::write_zeros(std::uint64_t count) {
  impl_->write_zeros(count);
}
void ImageWriter::close_stream() {
  impl_->close_stream();
}
void ImageWriter::add_link(const ImagePath& path, const ImagePath& existing) {
  impl_->add_link(path, existing);
}
void ImageWriter::rename(const ImagePath& from, const ImagePath& to) {
  impl_->rename(from, to);
}
bool ImageWriter::remove(const ImagePath& path) {
  return impl_->remove(path);
}
bool ImageWriter::remove(const StreamPath& stream) {
  return impl_->remove(stream);
}
bool ImageWriter::exists(const ImagePath& path) const {
  return impl_->exists(path);
}
bool ImageWriter::exists(const StreamPath& stream) const {
  return impl_->exists(stream);
}
bool ImageWriter::is_directory(const ImagePath& path) const {
  return impl_->is_directory(path);
}
CommitSummary ImageWriter::commit() {
  return impl_->commit();
}

}  // namespace cim
