// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A sink that collects the bytes in memory.

#include <string>

#include "tar/sink.h"

namespace cim::test {

class MemorySink final : public tar::Sink {
 public:
  void write(const SharedBytes& bytes) override { text += as_text(bytes.bytes); }
  void finish() override { ++finished; }

  std::string text;
  int finished = 0;
};

}  // namespace cim::test
