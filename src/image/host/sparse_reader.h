// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reads a file of the host piece by piece, skipping its holes.

#include <cstdint>
#include <functional>

#include "base/bytes.h"
#include "image/host/host_entry.h"

namespace cim {

/// Passes data in pieces of at most a mebibyte; holes may be larger.
class SparseReader {
 public:
  SparseReader();

  /// Calls `hole` with a number of zeros and `data` with bytes, in the order of the file; calls
  /// neither for a file that is one hole. Throws kIo if the file becomes shorter meanwhile.
  void read(const HostEntry& file, const std::function<void(std::uint64_t)>& hole,
            const std::function<void(ByteView)>& data);

 private:
  void read_range(const HostEntry& file, std::uint64_t start, std::uint64_t end,
                  const std::function<void(ByteView)>& data);

  Bytes buffer_;
};

}  // namespace cim
