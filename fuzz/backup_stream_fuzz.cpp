// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Win32 backup streams. The first two bytes of the input say how the rest is cut into pieces, which
// must not change what is read. A stream that can be read must be the same after it was written,
// and is then added to a layer, which is not closed.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "cimlib/backup_stream.h"
#include "cimlib/error.h"
#include "cimlib/guid.h"

#include "ntfs/backup_stream.h"

namespace {

using cim::BackupEvent;
using cim::Bytes;
using cim::ByteView;

struct Record {
  cim::BackupHeader header;
  Bytes body{};

  bool operator==(const Record&) const = default;
};

// The records of a stream, and the error that ended it.
struct Outcome {
  std::vector<Record> records{};
  std::string error{};

  bool operator==(const Outcome&) const = default;
};

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

/// Passes the bytes in pieces of at most `most` bytes.
template <typename Take>
void cut(ByteView bytes, std::uint16_t most, Take take) {
  std::minstd_rand random(most);
  while (!bytes.empty()) {
    const std::size_t size =
        std::min<std::size_t>(random() % (std::max<std::size_t>(most, 1) + 1), bytes.size());
    const Bytes copy(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    take(ByteView(copy));
    bytes = bytes.subspan(size);
  }
}

Outcome read(ByteView bytes, std::uint16_t most) {
  Outcome outcome;
  try {
    cim::BackupReader reader("input");
    cut(bytes, most, [&](ByteView piece) {
      while (const auto event = reader.next(piece)) {
        if (event->kind == BackupEvent::Kind::kHeader) {
          outcome.records.push_back({reader.header()});
        } else {
          cim::append(outcome.records.back().body, event->bytes);
        }
      }
      require(piece.empty());
    });
    reader.finish();
  } catch (const cim::Error& error) {
    outcome.error = error.what();
  }
  return outcome;
}

Bytes written(const std::vector<Record>& records) {
  Bytes bytes;
  cim::BackupWriter writer([&bytes](ByteView piece) { cim::append(bytes, piece); });
  for (const Record& record : records) {
    writer.start(record.header);
    writer.write(record.body);
  }
  writer.finish();
  return bytes;
}

class Store {
 public:
  Store() { std::filesystem::create_directories(path_); }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("backup-fuzz." + cim::Guid::random().to_string());
};

// Limits keep the holes that a few bytes can describe from being hashed for hours.
void add_to_layer(ByteView bytes, std::uint16_t most) {
  static const Store store;
  std::size_t warnings = 0;
  try {
    cim::layer::BackupLayerWriter writer(
        store.path() / "s" / "layer", {},
        {.image = {.now = cim::FileTime{1}},
         .warning = [&warnings](const std::string&) { ++warnings; }},
        {.size = 1U << 20, .entries = 2});
    const bool is_directory = most % 2 == 0;
    writer.add(cim::ImagePath::parse("Files"), cim::attribute::kDirectory, {});
    writer.add(cim::ImagePath::parse("Files/a"), is_directory ? cim::attribute::kDirectory : 0, {});
    cut(bytes, most, [&](ByteView piece) { writer.write(piece); });
    writer.layer();
  } catch (const cim::Error&) {
    // Streams that no file can have.
  }
  require(warnings <= 4);
  require(!std::filesystem::exists(store.path() / "s"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const auto most = static_cast<std::uint16_t>(data[0] | data[1] << 8);
  const ByteView bytes = std::as_bytes(std::span(data, size)).subspan(2);
  const Outcome outcome = read(bytes, most);
  require(read(bytes, 0xFFFF) == outcome);
  if (!outcome.error.empty()) {
    return 0;
  }
  require(read(written(outcome.records), 0xFFFF) == outcome);
  add_to_layer(bytes, most);
  return 0;
}
