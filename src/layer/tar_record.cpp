// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/tar_record.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/image.h"
#include "cimlib/wtf8.h"

#include "base/endian.h"
#include "base/printable.h"
#include "tar/compression.h"

namespace cim::layer {
namespace {

constexpr std::string_view kRecordStart = "cimlib tar record 1\n";
constexpr std::size_t kMostBytes = std::size_t{64} << 10;  // of one item
constexpr std::size_t kLongestText = std::size_t{128} << 10;
constexpr std::size_t kContentPiece = std::size_t{1} << 20;

enum class Item : std::uint8_t { kEnd = 0, kBytes = 1, kContent = 2 };

template <typename Number>
std::string little_endian(Number number) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    bytes += static_cast<char>(static_cast<unsigned char>(number >> (8 * i)));
  }
  return bytes;
}

std::string sized(const std::string& text) {
  return little_endian(static_cast<std::uint32_t>(text.size())) + text;
}

// Reads a record from its unpacked bytes.
class RecordReader {
 public:
  RecordReader(tar::Source& source, const TarParts& parts) : cursor_(source), parts_(parts) {}

  void run(const std::stop_token& stop) {
    std::string first(kRecordStart.size(), '\0');
    if (cursor_.read(std::as_writable_bytes(std::span(first))) < first.size() ||
        first != kRecordStart) {
      fail("is not the record of a tar");
    }
    while (read_item()) {
      if (stop.stop_requested()) {
        throw Error(ErrorCode::kCancelled, cursor_.source_name(), "the export was cancelled");
      }
    }
    if (!cursor_.take_some(1).empty()) {
      fail("does not end after its last item");
    }
  }

 private:
  bool read_item() {
    switch (static_cast<Item>(number<std::uint8_t>())) {
      case Item::kEnd:
        if (number<std::uint64_t>() != tar_size_) {
          fail("has another size than its items");
        }
        return false;
      case Item::kBytes: {
        const std::string bytes = text(kMostBytes);
        add(bytes.size());
        parts_.bytes(as_bytes(bytes));
        return true;
      }
      case Item::kContent: {
        const auto size = number<std::uint64_t>();
        const std::string path = text(kLongestText);
        const std::string stream = text(kLongestText);
        add(size);
        parts_.content(size, path, stream);
        return true;
      }
    }
    fail("has an unknown item");
  }

  void add(std::uint64_t size) {
    if (size > std::numeric_limits<std::uint64_t>::max() - tar_size_) {
      fail("is too large");
    }
    tar_size_ += size;
  }

  std::string text(std::size_t most) {
    const auto size = number<std::uint32_t>();
    if (size > most) {
      throw Error(ErrorCode::kLimit, cursor_.source_name(),
                  fmt::format("has an item of {} bytes; the limit is {}", size, most),
                  cursor_.offset());
    }
    std::string bytes(size, '\0');
    if (cursor_.read(std::as_writable_bytes(std::span(bytes))) < size) {
      fail("is truncated");
    }
    return bytes;
  }

  template <typename Number>
  Number number() {
    std::array<std::byte, sizeof(Number)> bytes{};
    if (cursor_.read(bytes) < bytes.size()) {
      fail("is truncated");
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    }
    return static_cast<Number>(value);
  }

  [[noreturn]] void fail(std::string reason) const {
    throw Error(ErrorCode::kCorrupt, cursor_.source_name(), std::move(reason), cursor_.offset());
  }

  tar::Cursor cursor_;
  const TarParts& parts_;
  std::uint64_t tar_size_ = 0;
};

Stream open_content(const Image& image, const std::string& path, const std::string& stream) {
  const ImagePath file = ImagePath::parse(path);
  if (stream.empty()) {
    return image.open(file);
  }
  const auto id = image.find(file);
  const auto name = to_utf16(stream);
  const auto found = id && name ? image.open_stream(*id, *name) : std::nullopt;
  if (!found) {
    throw Error(ErrorCode::kNotFound, file.to_string(), "has no such stream");
  }
  return *found;
}

void copy(const Stream& stream, std::uint64_t size, Bytes& buffer, const ByteSink& sink) {
  for (std::uint64_t done = 0; done < size;) {
    const std::size_t got = stream.read(done, buffer);
    const std::size_t part = static_cast<std::size_t>(std::min<std::uint64_t>(got, size - done));
    if (part == 0) {
      return;
    }
    sink(ByteView(buffer).first(part));
    done += part;
  }
}

}  // namespace

TarRecorder::TarRecorder(const std::filesystem::path& record)
    : file_(record),
      output_([this](const SharedBytes& bytes) {
        file_.file().write_at(file_size_, bytes.bytes);
        file_size_ += bytes.bytes.size();
      }),
      packed_(tar::make_fast_sink(output_)) {
  put(as_bytes(kRecordStart));
}

void TarRecorder::structure(ByteView bytes) {
  if (!bytes.empty()) {
    put_content();
    path_.reset();
    keep(bytes);
  }
}

void TarRecorder::content(ByteView bytes) {
  if (path_) {
    content_size_ += bytes.size();
    tar_size_ += bytes.size();
  } else {
    keep(bytes);
  }
}

void TarRecorder::begin_content(const ImagePath& path, std::u16string_view stream) {
  put_content();
  path_ = path.to_string();
  stream_ = to_wtf8(stream);
}

void TarRecorder::publish() {
  put_content();
  put_bytes();
  put(as_bytes(little_endian(static_cast<std::uint8_t>(Item::kEnd)) + little_endian(tar_size_)));
  packed_->finish();
  file_.publish(Publish::kReplace);
}

void TarRecorder::keep(ByteView bytes) {
  tar_size_ += bytes.size();
  while (!bytes.empty()) {
    const std::size_t part = std::min(bytes.size(), kMostBytes - bytes_.size());
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(part));
    bytes = bytes.subspan(part);
    if (bytes_.size() == kMostBytes) {
      put_bytes();
    }
  }
}

void TarRecorder::put_bytes() {
  if (!bytes_.empty()) {
    put(as_bytes(little_endian(static_cast<std::uint8_t>(Item::kBytes)) +
                 little_endian(static_cast<std::uint32_t>(bytes_.size()))));
    put(bytes_);
    bytes_.clear();
  }
}

void TarRecorder::put_content() {
  if (path_ && content_size_ != 0) {
    put_bytes();
    put(as_bytes(little_endian(static_cast<std::uint8_t>(Item::kContent)) +
                 little_endian(content_size_) + sized(*path_) + sized(stream_)));
  }
  content_size_ = 0;
}

void TarRecorder::put(ByteView bytes) {
  packed_->write({bytes, nullptr});
}

void read_tar_record(const ByteSource& record, const TarParts& parts, const std::stop_token& stop) {
  tar::Input input(record, stop);
  const auto unpacked = tar::decompress(input);
  RecordReader(*unpacked, parts).run(stop);
}

void remake_tar(const std::filesystem::path& record, const std::filesystem::path& image_path,
                const ByteSink& sink, const std::stop_token& stop) {
  const Image image(image_path);
  Bytes buffer(kContentPiece);
  const auto content = [&](std::uint64_t size, const std::string& path, const std::string& stream) {
    const Stream found = open_content(image, path, stream);
    if (found.size() != size) {
      throw Error(
          ErrorCode::kCorrupt, record.string(),
          fmt::format("names {} bytes of {}, which has {}", size, printable(path), found.size()));
    }
    copy(found, size, buffer, sink);
  };
  read_tar_record(record, {.bytes = [&sink](ByteView bytes) { sink(bytes); }, .content = content},
                  stop);
}

}  // namespace cim::layer
