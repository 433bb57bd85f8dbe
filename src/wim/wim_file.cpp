// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A compressed stream is a table of the offsets of its chunks, from the second on, relative to the
// end of the table, and the chunks. A chunk whose packed size is that of its bytes is not packed.
#include "wim/wim_file.h"

#include <algorithm>
#include <exception>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/hash_algorithm.h"

#include "base/checked_math.h"
#include "base/endian.h"
#include "os/crypto.h"
#include "os/file.h"

namespace cim::wim {
namespace {

constexpr std::uint32_t kMaxChunk = std::uint32_t{1} << 26;  // libwim's limit
constexpr std::size_t kPieceSize = std::size_t{256} * 1024;
constexpr std::uint64_t kOffsets32 = std::uint64_t{1} << 32;  // larger streams have 64-bit offsets
// Chunks of a table that are read at once.
constexpr std::size_t kOffsetsAtOnce = 4096;

ErrorCode code_of(int code) {
  switch (code) {
    case WIMLIB_ERR_OPEN:
      return ErrorCode::kAccessDenied;
    case WIMLIB_ERR_READ:
      return ErrorCode::kIo;
    case WIMLIB_ERR_IS_SPLIT_WIM:
    case WIMLIB_ERR_UNSUPPORTED:
    case WIMLIB_ERR_UNKNOWN_VERSION:
    case WIMLIB_ERR_WIM_IS_ENCRYPTED:
      return ErrorCode::kUnsupported;
    default:
      return ErrorCode::kCorrupt;
  }
}

void check(int code, const std::string& subject) {
  if (code == WIMLIB_ERR_NOMEM) {
    throw std::bad_alloc();
  }
  if (code != 0) {
    throw Error(code_of(code), subject,
                fmt::format("cannot be read as a WIM file: {}",
                            wimlib_get_error_string(static_cast<wimlib_error_code>(code))));
  }
}

using XmlErrorFunction = void (*)(void* context, const char* format, ...);

void print_nothing(void* /*context*/, const char* /*format*/, ...) {}  // NOLINT: libxml2's type

// Until version 1.14, libwim reads XML with libxml2, which prints errors to standard error. Turns
// that off for this thread. The functions are looked up, as other versions do not have them.
class QuietXml {
 public:
  QuietXml() {
    if (const auto find =
            reinterpret_cast<XmlErrorFunction* (*)()>(dlsym(RTLD_DEFAULT, "__xmlGenericError"))) {
      place_ = find();
      before_ = std::exchange(*place_, print_nothing);
    }
  }
  QuietXml(const QuietXml&) = delete;
  QuietXml& operator=(const QuietXml&) = delete;
  ~QuietXml() {
    if (place_ != nullptr) {
      *place_ = before_;
    }
  }

 private:
  XmlErrorFunction* place_ = nullptr;
  XmlErrorFunction before_ = nullptr;
};

struct Free {
  void operator()(WIMStruct* wim) const noexcept { wimlib_free(wim); }
  void operator()(wimlib_decompressor* decompressor) const noexcept {
    wimlib_free_decompressor(decompressor);
  }
};

// Where the header says that a table is.
struct TableRecord {
  Le64 packed_size_and_flags;  // 56 bits and 8 bits
  Le64 offset;
  Le64 size;
};
static_assert(sizeof(TableRecord) == 24);

// The tables of streams and of images, at offset 48 of the header.
struct TableRecords {
  TableRecord streams;
  TableRecord images;
};

// libwim allocates what these records claim, so they are checked before.
void check_tables(const File& file, const std::string& name) {
  constexpr std::uint64_t kOffset = 48;
  constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 30;  // 20 million streams
  constexpr std::uint64_t kPackedSize = (std::uint64_t{1} << 56) - 1;
  TableRecords records;
  file.read_at(kOffset, std::as_writable_bytes(std::span(&records, 1)));
  for (const TableRecord& record : {records.streams, records.images}) {
    if (!fits_within(record.offset, record.packed_size_and_flags & kPackedSize, file.size())) {
      throw Error(ErrorCode::kCorrupt, name, "its header names a table outside the file", kOffset);
    }
    if (record.size > kMaxSize) {
      throw Error(ErrorCode::kLimit, name,
                  fmt::format("its header names a table of {} bytes; at most {} are accepted",
                              std::uint64_t{record.size}, kMaxSize),
                  kOffset);
    }
  }
}

// The compressed bytes of one stream.
class ChunkReader {
 public:
  ChunkReader(const File& file, const wimlib_resource_entry& stream, std::uint32_t chunk_size,
              wimlib_decompressor& decompressor, const std::string& name)
      : file_(file),
        stream_(stream),
        chunk_size_(chunk_size),
        decompressor_(decompressor),
        name_(name),
        offset_size_(stream.uncompressed_size < kOffsets32 ? 4 : 8),
        count_((stream.uncompressed_size + chunk_size - 1) / chunk_size) {
    const auto table = checked_multiply(count_ - 1, offset_size_);
    if (!table || *table > stream.compressed_size) {
      fail("its table of chunks is larger than the stream");
    }
    data_ = stream.offset + *table;
    data_size_ = stream.compressed_size - *table;
  }

  void read(const std::function<void(ByteView)>& sink) {
    Bytes plain(
        static_cast<std::size_t>(std::min<std::uint64_t>(chunk_size_, stream_.uncompressed_size)));
    for (std::uint64_t chunk = 0; chunk < count_; ++chunk) {
      const std::uint64_t begin = offset_of(chunk);
      const std::uint64_t end = offset_of(chunk + 1);
      const std::uint64_t left = stream_.uncompressed_size - chunk * chunk_size_;
      const auto into = std::span(plain).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(chunk_size_, left)));
      if (begin >= end || end > data_size_ || end - begin > into.size()) {
        fail("its table of chunks is damaged");
      }
      read_chunk(data_ + begin, static_cast<std::size_t>(end - begin), into);
      sink(into);
    }
  }

 private:
  [[noreturn]] void fail(std::string_view reason) const {
    throw Error(ErrorCode::kCorrupt, name_, std::string(reason), stream_.offset);
  }

  void read_chunk(std::uint64_t at, std::size_t size, std::span<std::byte> into) {
    if (size == into.size()) {
      return file_.read_at(at, into);
    }
    packed_.resize(size);
    file_.read_at(at, packed_);
    if (wimlib_decompress(packed_.data(), size, into.data(), into.size(), &decompressor_) != 0) {
      fail("its packed data is damaged");
    }
  }

  // Returns the offset of a chunk from the end of the table. The first has no entry, and the end of
  // the last is that of the stream.
  std::uint64_t offset_of(std::uint64_t chunk) {
    if (chunk == 0) {
      return 0;
    }
    if (chunk == count_) {
      return data_size_;
    }
    const std::uint64_t entry = chunk - 1;
    if (entry < first_ || entry - first_ >= table_.size() / offset_size_) {
      load_offsets(entry);
    }
    const ByteView bytes =
        ByteView(table_).subspan(static_cast<std::size_t>(entry - first_) * offset_size_);
    ByteReader reader(bytes, name_);
    return offset_size_ == 4 ? std::uint64_t{reader.read<Le32>("offset")}
                             : std::uint64_t{reader.read<Le64>("offset")};
  }

  void load_offsets(std::uint64_t first) {
    const std::uint64_t count = std::min<std::uint64_t>(kOffsetsAtOnce, count_ - 1 - first);
    table_.resize(static_cast<std::size_t>(count) * offset_size_);
    file_.read_at(stream_.offset + first * offset_size_, table_);
    first_ = first;
  }

  const File& file_;
  const wimlib_resource_entry& stream_;
  std::uint64_t chunk_size_;
  wimlib_decompressor& decompressor_;
  const std::string& name_;
  std::size_t offset_size_;
  std::uint64_t count_;
  std::uint64_t data_ = 0;
  std::uint64_t data_size_ = 0;
  std::uint64_t first_ = 0;  // entry in the table that table_ begins with
  Bytes table_;
  Bytes packed_;
};

}  // namespace

struct WimFile::State {
  std::string name;
  File file;
  std::unique_ptr<WIMStruct, Free> wim;
  wimlib_wim_info info{};
  std::unique_ptr<wimlib_decompressor, Free> decompressor;  // null if nothing is compressed
};

WimFile::WimFile(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.name = path.string();
  state.file = File::open_read(path);
  check_tables(state.file, state.name);
  WIMStruct* wim = nullptr;
  const QuietXml quiet;
  check(wimlib_open_wim(path.c_str(), WIMLIB_OPEN_FLAG_ERROR_IF_SPLIT, &wim), state.name);
  state.wim.reset(wim);
  check(wimlib_get_wim_info(wim, &state.info), state.name);
  if (state.info.pipable != 0) {  // its streams are stored in another form
    throw Error(ErrorCode::kUnsupported, state.name,
                "is a pipable WIM file; export it with wimlib-imagex export --not-pipable first");
  }
  if (state.info.compression_type != WIMLIB_COMPRESSION_TYPE_NONE) {
    if (state.info.chunk_size == 0 || state.info.chunk_size > kMaxChunk) {
      throw Error(ErrorCode::kCorrupt, state.name, "has an invalid size of chunks");
    }
    wimlib_decompressor* decompressor = nullptr;
    check(wimlib_create_decompressor(
              static_cast<wimlib_compression_type>(state.info.compression_type),
              state.info.chunk_size, &decompressor),
          state.name);
    state.decompressor.reset(decompressor);
  }
}

WimFile::~WimFile() = default;

std::uint32_t WimFile::image_count() const noexcept {
  return state_->info.image_count;
}

void WimFile::walk(std::uint32_t index,
                   const std::function<void(const wimlib_dir_entry&)>& visit) const {
  struct Visit {
    const std::function<void(const wimlib_dir_entry&)>& function;
    std::exception_ptr failure{};  // exceptions cannot pass through libwim
  } context{visit};
  const int code = wimlib_iterate_dir_tree(
      state_->wim.get(), static_cast<int>(index), "/", WIMLIB_ITERATE_DIR_TREE_FLAG_RECURSIVE,
      [](const wimlib_dir_entry* entry, void* given) {
        auto& self = *static_cast<Visit*>(given);
        try {
          self.function(*entry);
          return 0;
        } catch (...) {
          self.failure = std::current_exception();
          return 1;
        }
      },
      &context);
  if (context.failure) {
    std::rethrow_exception(context.failure);
  }
  check(code, state_->name);
}

void WimFile::read(const wimlib_resource_entry& stream, const std::string& name,
                   const std::function<void(ByteView)>& sink) const {
  if (stream.is_missing != 0) {
    throw Error(ErrorCode::kCorrupt, name, "its data is not in the WIM file");
  }
  if (stream.packed != 0) {
    throw Error(ErrorCode::kUnsupported, name,
                "is in a solid resource; export the image with wimlib-imagex export first");
  }
  ContentHash hash(HashAlgorithm::kSha1);
  const auto hashed = [&](ByteView bytes) {
    hash.update(bytes);
    sink(bytes);
  };
  if (stream.is_compressed != 0 && state_->decompressor) {
    ChunkReader(state_->file, stream, state_->info.chunk_size, *state_->decompressor, name)
        .read(hashed);
  } else {
    Bytes buffer(kPieceSize);
    for (std::uint64_t at = 0; at < stream.uncompressed_size;) {
      const auto piece = std::span(buffer).first(static_cast<std::size_t>(
          std::min<std::uint64_t>(kPieceSize, stream.uncompressed_size - at)));
      state_->file.read_at(stream.offset + at, piece);
      hashed(piece);
      at += piece.size();
    }
  }
  if (!std::ranges::equal(hash.finish(), std::as_bytes(std::span(stream.sha1_hash)))) {
    throw Error(ErrorCode::kCorrupt, name, "differs from its digest in the WIM file");
  }
}

}  // namespace cim::wim
