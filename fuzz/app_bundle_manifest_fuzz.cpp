// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Manifests of bundles, and choices from them.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "cimlib/error.h"

#include "appx/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto manifest =
        cim::appx::parse_bundle_manifest(std::as_bytes(std::span(data, size)), "bundle");
    if (cim::appx::chosen_packages(manifest, {}, "bundle").size() != manifest.packages.size()) {
      std::abort();  // without a choice, all are taken
    }
    static_cast<void>(cim::appx::chosen_packages(
        manifest, {.architectures = {"x64"}, .languages = {"de"}, .scales = {"200"}}, "bundle"));
  } catch (const cim::Error&) {
    // Most inputs should be rejected.
  }
  return 0;
}
