// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Manifests: the full name of an accepted one is a valid name of a directory.

#include <cstdint>
#include <span>

#include "cimlib/error.h"
#include "cimlib/image_path.h"
#include "cimlib/wtf8.h"

#include "appx/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cim::appx::PackageInfo info;
  try {
    info = cim::appx::parse_manifest(std::as_bytes(std::span(data, size)), "manifest");
  } catch (const cim::Error&) {
    return 0;  // most inputs should be rejected
  }
  cim::check_name(*cim::to_utf16(info.identity.full_name()));  // must not throw
  return 0;
}
