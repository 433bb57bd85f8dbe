// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Detects the compression of the input and decompresses it. The result must not depend on how the
// input is divided into runs. The first byte of the input determines the length of the runs.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>

#include "cimlib/error.h"

#include "tar/compression.h"

namespace {

using cim::ByteView;

class RunSource final : public cim::tar::Source {
 public:
  RunSource(ByteView bytes, std::size_t run_size)
      : Source("input"), bytes_(bytes), run_size_(run_size) {}

  ByteView next() override {
    const ByteView run = bytes_.first(std::min(run_size_, bytes_.size()));
    bytes_ = bytes_.subspan(run.size());
    return run;
  }

 private:
  ByteView bytes_;
  std::size_t run_size_;
};

// A few bytes of input can expand to gigabytes; beyond this size nothing new happens.
constexpr std::size_t kEnough = std::size_t{8} << 20;

std::optional<std::string> unpack(ByteView bytes, std::size_t run_size) {
  try {
    RunSource input(bytes, run_size);
    const auto source = cim::tar::decompress(input);
    std::string plain;
    for (ByteView run = source->next(); !run.empty() && plain.size() < kEnough;
         run = source->next()) {
      plain += cim::as_text(run);
    }
    return plain;
  } catch (const cim::Error&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const ByteView bytes = std::as_bytes(std::span(data, size)).subspan(1);
  if (unpack(bytes, bytes.size()) != unpack(bytes, std::size_t{1} + data[0])) {
    std::abort();
  }
  return 0;
}
