// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reads everything in an image that can be read.

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

}  // namespace cim::test
