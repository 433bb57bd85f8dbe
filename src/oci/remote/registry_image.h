// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A repository of a registry as the source of an image.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "oci/document_source.h"
#include "oci/remote/session.h"

namespace cim::oci {

/// The image, or the index of images, that a reference leads to.
class RegistryImage final : public DocumentSource {
 public:
  /// `session` must outlive this object, and is used by nothing else meanwhile.
  explicit RegistryImage(Session& session) : session_(session) {}

  using DocumentSource::index;
  std::string name() const override { return session_.subject(); }
  std::string_view kind() const override { return "repository"; }
  std::string subject_of(const Digest& digest) const override;
  std::vector<Descriptor> index() const override;
  Bytes document(const Descriptor& descriptor) const override;
  /// Reads manifests; other blobs are not looked for before they are read.
  bool has_blob(const Descriptor& descriptor) const override;
  void check_presence(const Descriptor& descriptor) const override;
  bool verifies(const Descriptor& /*descriptor*/) const override { return true; }
  ByteSource blob(const Descriptor& descriptor) const override;

 private:
  const std::stop_token& stop() const noexcept { return session_.options().stop; }
  Response get_manifest(const std::string& which) const;

  Session& session_;
  mutable std::map<std::string, Bytes> documents_;  // by digest, as far as they are kept
  mutable std::size_t documents_size_ = 0;
};

}  // namespace cim::oci
