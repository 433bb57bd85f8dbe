// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reads everything in an image, to the last byte. If check() finds no fault, nothing here may
// throw.

#include <algorithm>
#include <cstdint>
#include <filesystem>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "base/bytes.h"

namespace cim::test {

/// Streams that only claim to be huge, being sparse, are read at both ends.
inline void read_all(const Stream& stream) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 20;
  Bytes buffer(65536);
  for (std::uint64_t at = 0; at < std::min(stream.size(), kMost); at += buffer.size()) {
    stream.read(at, buffer);
  }
  if (stream.size() > kMost) {
    stream.read(stream.size() - buffer.size(), buffer);
  }
}

/// Throws any error of reading.
inline void read_strictly(const std::filesystem::path& file) {
  const Image image(file);
  image.walk({}, [&image](const WalkEntry& entry) {
    const FileId id = entry.info.id;
    image.security_descriptor(id);
    image.extended_attributes(id);
    image.reparse_data(id);
    if (!entry.info.is_directory()) {
      read_all(image.open(id));
    }
    for (const StreamInfo& stream : image.streams(id)) {
      read_all(image.open_stream(id, stream.name).value());
    }
    if (image.find(entry.path) != id) {
      throw Error(ErrorCode::kCorrupt, entry.path.to_string(), "is not found by its own path");
    }
    return true;
  });
}

}  // namespace cim::test
