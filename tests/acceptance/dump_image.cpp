// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// dump_image IMAGE.cim...: prints everything that the library's reader shows of each image, one
// JSON object per line, for compare_dump.py. Text is ASCII, with \u escapes of UTF-16 units for all
// other characters, so that lone surrogates are preserved. An image that cannot be read to its end
// has one line on standard error; the exit status is the number of such images, at most 100.

#include <algorithm>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "os/crypto.h"

namespace cim {
namespace {

constexpr std::size_t kPieceBytes = 1U << 20U;

std::string json_text(std::u16string_view text) {
  std::string out = "\"";
  for (const char16_t unit : text) {
    const bool plain = unit >= 0x20 && unit < 0x7F && unit != u'"' && unit != u'\\';
    if (plain) {
      out += static_cast<char>(unit);
    } else {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(unit));
    }
  }
  return out + '"';
}

std::string json_path(const ImagePath& path) {
  std::u16string joined;
  for (const std::u16string& name : path.names()) {
    joined += joined.empty() ? name : u'/' + name;
  }
  return json_text(joined);
}

std::string digest(const Stream& stream) {
  Sha256 hash;
  std::vector<std::byte> piece(kPieceBytes);
  for (std::uint64_t at = 0; at < stream.size();) {
    const std::size_t count = stream.read(at, piece);
    hash.update({piece.data(), count});
    at += count;
  }
  return to_hex(hash.finish());
}

std::string json_streams(const Image& image, FileId id) {
  std::string out;
  for (const StreamInfo& info : image.streams(id)) {
    const auto stream = image.open_stream(id, info.name);
    out += fmt::format("{}[{},{},\"{}\"]", out.empty() ? "" : ",", json_text(info.name), info.size,
                       stream ? digest(*stream) : "not found");
  }
  return out;
}

std::string json_entry(const Image& image, const WalkEntry& entry) {
  const FileInfo& info = entry.info;
  std::string line =
      fmt::format(R"({{"path":{},"id":{},"attributes":{},"times":[{},{},{},{}],"size":{},)",
                  json_path(entry.path), info.id, info.attributes, info.times.creation.ticks,
                  info.times.last_write.ticks, info.times.change.ticks,
                  info.times.last_access.ticks, info.size);
  if (!info.is_directory()) {
    line += fmt::format(R"("sha256":"{}",)", digest(image.open(info.id)));
  }
  line +=
      fmt::format(R"("streams":[{}],"descriptor":"{}","ea":"{}","reparse":"{}"}})",
                  json_streams(image, info.id), to_hex(image.security_descriptor(info.id)),
                  to_hex(image.extended_attributes(info.id)), to_hex(image.reparse_data(info.id)));
  return line;
}

/// Prints an image, and checks that every name that is listed is found by its path.
void dump(const std::filesystem::path& path) {
  const Image image(path);
  image.walk(ImagePath(), [&image](const WalkEntry& entry) {
    if (image.find(entry.path) != entry.info.id) {
      throw Error(ErrorCode::kCorrupt, entry.path.to_string(), "listed, but not found by its path");
    }
    if (!entry.path.is_root()) {
      fmt::print("{}\n", json_entry(image, entry));
    }
    return true;
  });
}

}  // namespace
}  // namespace cim

int main(int count, char** arguments) {
  if (count < 2) {
    fmt::print(stderr, "usage: dump_image IMAGE.cim...\n");
    return 2;
  }
  int failures = 0;
  for (int i = 1; i < count; ++i) {
    try {
      cim::dump(arguments[i]);
    } catch (const std::exception& error) {
      fmt::print(stderr, "dump_image: {}\n", error.what());
      ++failures;
    }
  }
  return std::min(failures, 100);
}
