// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is parsed as layerchain.json. What is accepted must be the same after it was written
// and read again.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "cimlib/error.h"

#include "layer/chain_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cim;
  try {
    const auto paths = layer::parse_layer_chain(std::as_bytes(std::span(data, size)), "input");
    const std::string text = layer::format_layer_chain(paths);
    if (layer::parse_layer_chain(as_bytes(text), "output") != paths) {
      std::abort();
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInvalidArgument) {  // for callers' paths only
      std::abort();
    }
  }
  return 0;
}
