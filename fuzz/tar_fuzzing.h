// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by the fuzz targets for tars.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "tar/source.h"

namespace cim::fuzz {

class TextSource final : public tar::Source {
 public:
  explicit TextSource(std::string_view text) : Source("input"), text_(text) {}

  ByteView next() override { return as_bytes(std::exchange(text_, {})); }

 private:
  std::string_view text_;
};

inline void put_checksums_right(std::string& tar) {
  for (std::size_t at = 0; at + 512 <= tar.size(); at += 512) {
    if (tar.compare(at + 257, 5, "ustar") != 0) {
      continue;
    }
    std::fill_n(tar.begin() + static_cast<std::ptrdiff_t>(at + 148), 8, ' ');
    unsigned sum = 0;
    for (const char c : std::string_view(tar).substr(at, 512)) {
      sum += static_cast<unsigned char>(c);
    }
    tar.replace(at + 148, 6, fmt::format("{:06o}", sum));
  }
}

/// A few bytes can describe exabytes of holes; larger bodies are not read.
inline constexpr std::uint64_t kMaxBodySize = std::uint64_t{1} << 20;

inline void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

/// Returns the tar in an input. Corrects its checksums unless the first byte of the input is odd.
inline std::string tar_of_input(std::string_view input) {
  std::string tar(input.substr(1));
  if (static_cast<unsigned char>(input.front()) % 2 == 0) {
    put_checksums_right(tar);
  }
  return tar;
}

}  // namespace cim::fuzz
