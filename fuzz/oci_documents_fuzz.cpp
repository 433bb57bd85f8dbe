// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is parsed as each kind of document in an OCI image layout; each parse must succeed or
// fail with an error.

#include <cstdint>
#include <cstdlib>
#include <span>

#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "oci/documents.h"

namespace {

template <typename Parse>
void attempt(Parse&& parse) {
  try {
    parse();
  } catch (const cim::Error&) {  // expected for most inputs
  }
}

// A parsed digest must be safe to use as part of a path.
void expect_harmless(const cim::oci::Digest& digest) {
  if (digest.hex().size() != 64 ||
      digest.hex().find_first_not_of("0123456789abcdef") != std::string::npos) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cim::oci;
  const std::string subject = "input";
  attempt([&] {
    const auto document = cim::parse_json(std::as_bytes(std::span(data, size)), subject);
    attempt([&] { check_layout_version(document, subject); });
    attempt([&] {
      for (const Descriptor& descriptor : parse_index(document, subject)) {
        expect_harmless(descriptor.digest);
      }
    });
    attempt([&] {
      for (const Descriptor& layer : parse_manifest(document, subject).layers) {
        expect_harmless(layer.digest);
      }
    });
    attempt([&] {
      for (const Digest& digest : chain_ids(parse_configuration(document, subject).diff_ids)) {
        expect_harmless(digest);
      }
    });
  });
  return 0;
}
