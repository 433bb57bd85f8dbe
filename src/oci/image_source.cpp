// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/image_source.h"

#include <nlohmann/json.hpp>

namespace cim::oci {

std::vector<Descriptor> ImageSource::index(const Descriptor& descriptor) const {
  const std::string subject = blob_name(descriptor);
  return parse_index(parse_json(read_document(descriptor), subject), subject);
}

Manifest ImageSource::manifest(const Descriptor& descriptor) const {
  const std::string subject = blob_name(descriptor);
  return parse_manifest(parse_json(read_document(descriptor), subject), subject);
}

Configuration ImageSource::configuration(const Descriptor& descriptor) const {
  const std::string subject = blob_name(descriptor);
  return parse_configuration(parse_json(read_document(descriptor), subject), subject);
}

bool ImageSource::is_image(const Descriptor& descriptor) const {
  if (descriptor.size > kLargestDocument) {
    return false;
  }
  const std::string subject = blob_name(descriptor);
  return is_image_manifest(parse_json(read_document(descriptor), subject), subject);
}

}  // namespace cim::oci
