// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is the document manifest.json of an archive of `docker save`. The names in it are
// resolved as links are; no result may have empty parts or ".".

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "oci/documents.h"
#include "oci/layout_files.h"

namespace {

void expect_normal(const std::string& name) {
  if (name.find("//") != std::string::npos || name.starts_with('/') || name.ends_with('/') ||
      cim::oci::archive_name(name) != name) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cim::oci;
  try {
    const auto document = cim::parse_json(std::as_bytes(std::span(data, size)), "input");
    for (const DockerImage& image : parse_docker_manifest(document, "input")) {
      const std::string config = archive_name(image.config);
      expect_normal(config);
      for (const std::string& layer : image.layers) {
        expect_normal(archive_name(layer));
        expect_normal(link_target(config, layer));
      }
    }
  } catch (const cim::Error&) {  // expected for most inputs
  }
  return 0;
}
