// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is a file of credentials and the answer of a credential helper. A helper that it names
// is never a path.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "cimlib/error.h"

#include "oci/remote/auth_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cim::oci;
  const cim::ByteView text = std::as_bytes(std::span(data, size));
  try {
    const AuthFile file(text, "input");
    for (const char* name : {"app", "host.x:5000/team/app"}) {
      const Reference reference = Reference::parse(name);
      (void)file.find(reference);
      for (const AuthFile::Helper& helper : file.helpers(reference)) {
        if (helper.name.empty() || helper.name.find('/') != std::string::npos) {
          std::abort();
        }
      }
    }
  } catch (const cim::Error&) {  // expected for most inputs
  }
  try {
    (void)parse_helper_answer(text, "input");
  } catch (const cim::Error&) {  // likewise
  }
  return 0;
}
