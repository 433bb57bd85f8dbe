// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Block maps: one that is accepted has a digest for each block of each file, so that verifying any
// bytes stays inside it.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "cimlib/error.h"

#include "appx/block_map.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    cim::appx::BlockMapReader reader("map");
    const auto bytes = std::as_bytes(std::span(data, size));
    reader.feed(bytes.first(size / 2));
    reader.feed(bytes.subspan(size / 2));
    const cim::appx::BlockMap map = reader.finish();
    cim::appx::Digest digest(map.method);
    std::uint64_t differing = 0;
    cim::appx::BlockVerifier verifier(map, digest, [&](std::uint64_t) { ++differing; });
    const cim::Bytes zeros(cim::appx::kBlockSize);
    for (const cim::appx::MappedFile& file : map.files.all()) {
      if (map.files.find(map.files.name(file)) != &file) {
        std::abort();
      }
      verifier.begin(file);
      for (std::uint64_t left = std::min<std::uint64_t>(file.size, 1 << 20); left > 0;) {
        const auto piece = std::min<std::uint64_t>(left, zeros.size());
        verifier.add(cim::ByteView(zeros).first(static_cast<std::size_t>(piece)));
        left -= piece;
      }
      verifier.finish();
    }
  } catch (const cim::Error&) {
    // Most inputs should be rejected.
  }
  return 0;
}
