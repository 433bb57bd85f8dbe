// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// libzip also offers to inflate, with zlib. Reading packed bytes from it and inflating them with
// ISA-L takes less than half of the time.
#include "appx/zip_archive.h"

#include <algorithm>
#include <ctime>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "appx/block_map.h"
#include "appx/zip_source.h"
#include "base/printable.h"
#include "deflate/inflater.h"

namespace cim::appx {
namespace {

// A package of that many files would have a block map of a hundred megabytes.
constexpr std::uint64_t kMaxEntries = std::uint64_t{1} << 20;

// A multiple of the blocks of block maps; small enough for the processor's cache.
constexpr std::size_t kRunSize = std::size_t{256} * 1024;
constexpr std::size_t kPackedSize = std::size_t{128} * 1024;
static_assert(kRunSize % kBlockSize == 0);

// Runs start on a cache line.
constexpr std::size_t kRunAlignment = 64;

// libzip takes the time in the archive for local time. Undoing that gives the time as stored, on
// every machine.
FileTime time_as_stored(std::time_t time) {
  std::tm fields{};
  if (localtime_r(&time, &fields) == nullptr) {
    return {};
  }
  return FileTime::from_unix({.seconds = timegm(&fields)}).value_or(FileTime{});
}

// Memory for runs of plain bytes. Who keeps a run keeps all of its buffer, so short entries share
// one.
class RunBuffers {
 public:
  explicit RunBuffers(std::shared_ptr<BufferPool> pool) : pool_(std::move(pool)) {}

  struct Run {
    std::span<std::byte> bytes;
    std::shared_ptr<const void> owner;
  };

  // Returns memory for `left` bytes, or for some whole blocks of them.
  Run take(std::uint64_t left) {
    if (left > free_.size() && free_.size() < kBlockSize) {
      buffer_ = pool_->take();
      free_ = *buffer_;
    }
    const std::size_t size = left <= free_.size() ? static_cast<std::size_t>(left)
                                                  : free_.size() / kBlockSize * kBlockSize;
    const std::span<std::byte> bytes = free_.first(size);
    const std::size_t aligned = (size + kRunAlignment - 1) / kRunAlignment * kRunAlignment;
    free_ = free_.subspan(std::min(aligned, free_.size()));
    return {bytes, buffer_};
  }

 private:
  std::shared_ptr<BufferPool> pool_;
  std::shared_ptr<BufferPool::Buffer> buffer_;
  std::span<std::byte> free_;  // the rest of the buffer
};

}  // namespace

struct ZipArchive::Handle {
  Handle(const RandomAccess& bytes, std::shared_ptr<BufferPool> pool)
      : source(bytes), buffers(std::move(pool)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (archive != nullptr) {
      zip_discard(archive);
    }
  }

  void open(const std::string& name) {
    zip_source_t* const zip_source = source.create();
    zip_error_t error;
    zip_error_init(&error);
    archive = zip_open_from_source(zip_source, ZIP_RDONLY, &error);
    if (archive == nullptr) {
      zip_source_free(zip_source);
      source.fail(error, name);
    }
  }

  ZipSource source;
  RunBuffers buffers;
  zip_t* archive = nullptr;
};

namespace {

struct CloseEntry {
  void operator()(zip_file_t* file) const noexcept { zip_fclose(file); }
};
using EntryHandle = std::unique_ptr<zip_file_t, CloseEntry>;

EntryHandle open_entry(zip_t* archive, ZipSource& source, const ZipEntry& entry,
                       const std::string& name) {
  EntryHandle file(zip_fopen_index(archive, entry.index, ZIP_FL_COMPRESSED));
  if (!file) {
    source.fail(*zip_get_error(archive), name);
  }
  return file;
}

// The packed bytes of an entry.
class PackedReader {
 public:
  PackedReader(EntryHandle file, ZipSource& source, std::string name)
      : file_(std::move(file)), source_(source), name_(std::move(name)) {}

  // Returns the number of bytes; 0 at the end.
  std::size_t read(std::span<std::byte> into) {
    const zip_int64_t count = zip_fread(file_.get(), into.data(), into.size());
    if (count < 0) {
      source_.fail(*zip_file_get_error(file_.get()), name_);
    }
    return static_cast<std::size_t>(count);
  }

  [[noreturn]] void fail(std::string_view reason) const {
    throw Error(ErrorCode::kCorrupt, name_, std::string(reason));
  }

 private:
  EntryHandle file_;
  ZipSource& source_;
  std::string name_;
};

// Fills runs of plain bytes.
class PlainReader {
 public:
  PlainReader(PackedReader packed, const ZipEntry& entry) : packed_(std::move(packed)) {
    if (entry.is_deflated) {
      // Most entries are small, so the buffer is not larger than needed.
      buffer_.resize(
          static_cast<std::size_t>(std::clamp<std::uint64_t>(entry.packed_size, 1, kPackedSize)));
      inflater_.emplace(deflate::Framing::kRaw);
    }
  }

  // Fills `into` completely. Throws kCorrupt if the entry ends earlier.
  void fill(std::span<std::byte> into) { inflater_ ? inflate(into) : copy(into); }

  // Throws kCorrupt if there are more bytes.
  void finish() {
    std::byte one{};
    if ((inflater_ && !ends_here()) || packed_.read({&one, 1}) != 0) {
      packed_.fail("has more bytes than the archive's directory states");
    }
  }

  [[noreturn]] void fail(std::string_view reason) const { packed_.fail(reason); }

 private:
  void copy(std::span<std::byte> into) {
    while (!into.empty()) {
      const std::size_t count = packed_.read(into);
      if (count == 0) {
        packed_.fail("has fewer bytes than the archive's directory states");
      }
      into = into.subspan(count);
    }
  }

  void inflate(std::span<std::byte> into) {
    while (!into.empty()) {
      const std::size_t count = step(into);
      if (count == 0 && inflater_->has_ended()) {
        packed_.fail("has fewer bytes than the archive's directory states");
      }
      into = into.subspan(count);
    }
  }

  // Inflates something into `into`, reading packed bytes if it needs them; returns the number of
  // plain bytes.
  std::size_t step(std::span<std::byte> into) {
    if (inflater_->input.empty() && !is_read_) {
      const std::size_t count = packed_.read(buffer_);
      is_read_ = count == 0;
      inflater_->input = ByteView(buffer_).first(count);
    }
    inflater_->output = into;
    if (!inflater_->run()) {
      packed_.fail("the packed data is damaged");
    }
    const std::size_t count = into.size() - inflater_->output.size();
    if (count == 0 && is_read_ && !inflater_->has_ended()) {
      packed_.fail("the packed data is cut off");
    }
    return count;
  }

  bool ends_here() {
    std::byte one{};
    while (!inflater_->has_ended()) {
      if (step({&one, 1}) != 0) {
        return false;
      }
    }
    return !inflater_->has_surplus();
  }

  PackedReader packed_;
  std::optional<deflate::Inflater> inflater_;  // empty for stored entries
  Bytes buffer_;                               // packed bytes
  bool is_read_ = false;
};

}  // namespace

std::shared_ptr<BufferPool> ZipArchive::make_buffers() {
  return std::make_shared<BufferPool>(kRunSize);
}

ZipArchive::ZipArchive(std::shared_ptr<const RandomAccess> bytes,
                       std::shared_ptr<BufferPool> buffers)
    : bytes_(std::move(bytes)),
      buffers_(std::move(buffers)),
      handle_(std::make_unique<Handle>(*bytes_, buffers_)) {
  handle_->open(bytes_->name());
  entry_count_ = static_cast<std::uint64_t>(zip_get_num_entries(handle_->archive, 0));
  if (entry_count_ > kMaxEntries) {
    throw Error(ErrorCode::kLimit, bytes_->name(),
                fmt::format("has {} entries; at most {} are accepted", entry_count_, kMaxEntries));
  }
  for (std::uint64_t i = 0; i < entry_count_; ++i) {
    entry(i);  // throws for those that cannot be read
  }
}

ZipArchive::~ZipArchive() = default;

ZipEntry ZipArchive::entry(std::uint64_t index) const {
  constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                   ZIP_STAT_CRC | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_stat_index(handle_->archive, index, ZIP_FL_ENC_RAW, &stat) != 0 ||
      (stat.valid & kNeeded) != kNeeded) {
    throw Error(ErrorCode::kCorrupt, bytes_->name(), fmt::format("entry {} is damaged", index));
  }
  ZipEntry entry = {.name = stat.name,
                    .index = index,
                    .size = stat.size,
                    .packed_size = stat.comp_size,
                    .crc = stat.crc,
                    .is_deflated = stat.comp_method == ZIP_CM_DEFLATE,
                    .time = time_as_stored(stat.mtime)};
  if (stat.encryption_method != ZIP_EM_NONE) {
    throw Error(ErrorCode::kUnsupported, name_of(entry), "is encrypted");
  }
  if (!entry.is_deflated && stat.comp_method != ZIP_CM_STORE) {
    throw Error(ErrorCode::kUnsupported, name_of(entry),
                fmt::format("is packed by method {}; packages use 0 and 8", stat.comp_method));
  }
  return entry;
}

bool ZipArchive::has(std::string_view name) const {
  for (std::uint64_t i = 0; i < entry_count_; ++i) {
    if (name == zip_get_name(handle_->archive, i, ZIP_FL_ENC_RAW)) {
      return true;
    }
  }
  return false;
}

std::string ZipArchive::name_of(const ZipEntry& entry) const {
  return fmt::format("{}: {}", bytes_->name(), printable(entry.name));
}

void ZipArchive::read(const ZipEntry& entry,
                      const std::function<void(const SharedBytes&)>& sink) const {
  const std::string name = name_of(entry);
  if (!entry.is_deflated && entry.size != entry.packed_size) {
    throw Error(ErrorCode::kCorrupt, name, "is stored, but its two sizes differ");
  }
  PlainReader plain(PackedReader(open_entry(handle_->archive, handle_->source, entry, name),
                                 handle_->source, name),
                    entry);
  std::uint32_t crc = 0;
  for (std::uint64_t left = entry.size; left > 0;) {
    const RunBuffers::Run run = handle_->buffers.take(left);
    plain.fill(run.bytes);
    crc = deflate::add_to_crc(crc, run.bytes);
    sink({run.bytes, run.owner});
    left -= run.bytes.size();
  }
  plain.finish();
  if (crc != entry.crc) {
    plain.fail("the checksum of its data is wrong");
  }
}

Bytes ZipArchive::read_all(const ZipEntry& entry, std::uint64_t limit) const {
  if (entry.size > limit) {
    throw Error(ErrorCode::kLimit, name_of(entry),
                fmt::format("has {} bytes; at most {} are accepted", entry.size, limit));
  }
  Bytes all;
  read(entry, [&](const SharedBytes& run) { append(all, run.bytes); });
  return all;
}

// libzip does not say where an entry's data is, but can seek in it.
class ZipArchive::StoredEntry final : public RandomAccess {
 public:
  StoredEntry(std::shared_ptr<const ZipArchive> archive, const ZipEntry& entry)
      : RandomAccess(archive->name_of(entry), entry.size),
        archive_(std::move(archive)),
        file_(open_entry(archive_->handle_->archive, archive_->handle_->source, entry, name())) {}

  void read_at(std::uint64_t offset, std::span<std::byte> into) const override {
    if (zip_fseek(file_.get(), static_cast<zip_int64_t>(offset), SEEK_SET) != 0) {
      archive_->handle_->source.fail(*zip_file_get_error(file_.get()), name());
    }
    while (!into.empty()) {
      const zip_int64_t count = zip_fread(file_.get(), into.data(), into.size());
      if (count < 0) {
        archive_->handle_->source.fail(*zip_file_get_error(file_.get()), name());
      }
      if (count == 0) {
        throw Error(ErrorCode::kCorrupt, name(), "ends too early", offset);
      }
      into = into.subspan(static_cast<std::size_t>(count));
    }
  }

 private:
  std::shared_ptr<const ZipArchive> archive_;
  EntryHandle file_;
};

std::shared_ptr<const RandomAccess> ZipArchive::open_stored(
    std::shared_ptr<const ZipArchive> archive, const ZipEntry& entry) {
  if (entry.is_deflated || entry.size != entry.packed_size) {
    throw Error(ErrorCode::kUnsupported, archive->name_of(entry),
                "is a package that is compressed once more; bundles store packages as they are");
  }
  return std::make_shared<StoredEntry>(std::move(archive), entry);
}

}  // namespace cim::appx
