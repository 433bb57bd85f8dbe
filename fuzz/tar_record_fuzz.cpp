// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is read as the record of a tar, unpacked or not; the sizes that it announces are the
// sizes of its parts.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "cimlib/error.h"

#include "layer/tar_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  try {
    cim::layer::read_tar_record(
        cim::ByteSource::memory(input, "input"),
        {.bytes =
             [](cim::ByteView bytes) {
               if (bytes.size() > 65536) {
                 std::abort();
               }
             },
         .content =
             [](std::uint64_t, const std::string& path, const std::string& stream) {
               if (path.size() > 131072 || stream.size() > 131072) {
                 std::abort();
               }
             }});
  } catch (const cim::Error&) {  // expected for most inputs
  }
  return 0;
}
