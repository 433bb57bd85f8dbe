// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The bytes of a file of this system, a piece at a time, its holes without being read.

#include <cstdint>
#include <functional>

#include "base/bytes.h"
#include "image/host/host_entry.h"

namespace cim {

/// Hands on pieces of a mebibyte at most, of a hole larger ones.
class SparseReader {
 public:
  SparseReader();

  /// Calls `hole` with how many zeros and `data` with which bytes make up the file in their order;
  /// nothing for a file that is one hole. Throws kIo for a file that becomes shorter meanwhile.
  void read(const HostEntry& file, const std::function<void(std::uint64_t)>& hole,
            const std::function<void(ByteView)>& data);

 private:
  void read_range(const HostEntry& file, std::uint64_t start, std::uint64_t end,
                  const std::function<void(ByteView)>& data);

  Bytes buffer_;
};

}  // namespace cim
