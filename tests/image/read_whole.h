// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reads everything in an image: all that can be read of a damaged one, or every byte of one in
// which check() finds no fault.

#include <algorithm>
#include <cstdint>
#include <filesystem>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "base/bytes.h"

namespace cim::test {

/// Continues after an error with the next item; only exceptions other than cim::Error are passed
/// on.
inline void read_everything(const std::filesystem::path& file) {
  const auto attempt = [](auto&& action) {
    try {
      action();
    } catch (const Error&) {  // the rest may be valid
    }
  };
  attempt([&] {
    const Image image(file);
    Bytes buffer(8192);
    image.walk({}, [&](const WalkEntry& entry) {
      const FileId id = entry.info.id;
      attempt([&] { image.find(entry.path); });
      attempt([&] { image.security_descriptor(id); });
      attempt([&] { image.extended_attributes(id); });
      attempt([&] { image.reparse_data(id); });
      attempt([&] { image.open(id).read(100, buffer); });
      attempt([&] {
        for (const StreamInfo& stream : image.streams(id)) {
          if (const auto found = image.open_stream(id, stream.name)) {
            found->read(0, buffer);
          }
        }
      });
      return true;
    });
  });
}

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
