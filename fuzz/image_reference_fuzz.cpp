// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// A text is an image reference or an error; a reference is harmless as part of a URL, and its
// complete form is the same reference.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cimlib/error.h"
#include "cimlib/remote.h"

namespace {

void expect(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using cim::oci::Reference;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const Reference reference = Reference::parse(text);
    expect(Reference::parse(reference.to_string()) == reference);
    expect(reference.repository.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-/") ==
           std::string::npos);
    expect(("/" + reference.repository + "/").find("/.") == std::string::npos);
    expect(reference.registry.find_first_of("/@?#\\ %") == std::string::npos);
    expect(!reference.tag.empty() || !reference.digest.empty());
  } catch (const cim::Error&) {  // expected for most inputs
  }
  return 0;
}
