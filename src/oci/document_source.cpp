// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/document_source.h"

#include <nlohmann/json.hpp>

namespace cim::oci {

std::unique_ptr<SourceReader> DocumentSource::open_reader(const Descriptor& descriptor,
                                                          const BufferPool& buffers,
                                                          const std::stop_token& stop) const {
  return open_source(blob(descriptor), buffers, stop);
}

std::vector<Descriptor> DocumentSource::index(const Descriptor& descriptor) const {
  const std::string subject = subject_of(descriptor.digest);
  return parse_index(parse_json(document(descriptor), subject), subject);
}

Manifest DocumentSource::manifest(const Descriptor& descriptor) const {
  const std::string subject = subject_of(descriptor.digest);
  return parse_manifest(parse_json(document(descriptor), subject), subject);
}

Configuration DocumentSource::configuration(const Descriptor& descriptor) const {
  const std::string subject = subject_of(descriptor.digest);
  return parse_configuration(parse_json(document(descriptor), subject), subject);
}

bool DocumentSource::is_image(const Descriptor& descriptor) const {
  if (descriptor.size > kLargestDocument) {
    return false;
  }
  const std::string subject = subject_of(descriptor.digest);
  return is_image_manifest(parse_json(document(descriptor), subject), subject);
}

}  // namespace cim::oci
