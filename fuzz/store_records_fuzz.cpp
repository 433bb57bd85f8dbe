// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is parsed as each kind of record of a store. What is accepted is the same after it was
// written and read again.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "cimlib/error.h"

#include "oci/records.h"

namespace {

template <typename Parse>
void expect_round_trip(cim::ByteView input, Parse parse) {
  try {
    const auto record = parse(input, "input");
    if (parse(cim::as_bytes(cim::oci::encode(record)), "input") != record) {
      std::abort();
    }
  } catch (const cim::Error&) {  // expected for most inputs
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const cim::ByteView input = std::as_bytes(std::span(data, size));
  expect_round_trip(input, cim::oci::parse_layer_record);
  expect_round_trip(input, cim::oci::parse_image_record);
  expect_round_trip(input, cim::oci::parse_name_record);
  return 0;
}
