// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A source and a sink in memory.

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "tar/sink.h"
#include "tar/source.h"

namespace cim::test {

/// Returns its bytes in runs of a given size.
class MemorySource final : public tar::Source {
 public:
  /// Copies the bytes.
  explicit MemorySource(std::string_view bytes,
                        std::size_t run_size = std::numeric_limits<std::size_t>::max())
      : Source("test.tar"), bytes_(bytes), run_size_(run_size) {}

  ByteView next() override {
    const std::size_t size = std::min(run_size_, bytes_.size() - position_);
    const std::string_view run = std::string_view(bytes_).substr(position_, size);
    position_ += size;
    return as_bytes(run);
  }

 private:
  std::string bytes_;
  std::size_t run_size_;
  std::size_t position_ = 0;
};

/// Reads a source to its end.
inline std::string read_all(tar::Source& source) {
  std::string all;
  for (ByteView run = source.next(); !run.empty(); run = source.next()) {
    all += as_text(run);
  }
  return all;
}

/// Collects what is written to it.
class MemorySink final : public tar::Sink {
 public:
  void write(const SharedBytes& bytes) override { text += as_text(bytes.bytes); }
  void finish() override { ++finished; }

  std::string text;
  int finished = 0;
};

/// Returns the bytes as a sink such as that of make_gzip_sink() compresses them.
template <typename MakeSink>
std::string packed(std::string_view bytes, const MakeSink& make_sink) {
  MemorySink output;
  const auto sink = make_sink(output);
  sink->write({as_bytes(bytes), nullptr});
  sink->finish();
  return output.text;
}

}  // namespace cim::test
