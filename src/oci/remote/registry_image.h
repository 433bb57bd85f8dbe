// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A repository of a registry as the source of an image.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "oci/document_source.h"
#include "oci/remote/blob_stream.h"
#include "oci/remote/session.h"

namespace cim::oci {

/// The image, or the index of images, that a reference leads to.
class RegistryImage final : public DocumentSource {
 public:
  /// `session` must outlive this object, and is used by nothing else meanwhile. Blobs are
  /// downloaded by other sessions of the same kind.
  explicit RegistryImage(Session& session) : session_(session) {}

  using DocumentSource::index;
  /// Returns the descriptor of a manifest or index that is known only by its digest, and keeps the
  /// document if it is not too large.
  Descriptor manifest_of(const Digest& digest) const;
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
  std::unique_ptr<SourceReader> open_reader(const Descriptor& descriptor, const BufferPool& buffers,
                                            const std::stop_token& stop) const override;
  /// Starts a download, of which a part is kept until the blob is read. An earlier one that was not
  /// read yet is given up.
  void start_reading(const Descriptor& descriptor) const noexcept override;
  Bytes blob_part(const Descriptor& descriptor, std::uint64_t offset,
                  std::size_t size) const override;
  std::vector<Descriptor> referrers(const Descriptor& manifest) const override;

 private:
  const std::stop_token& stop() const noexcept { return session_.options().stop; }
  Response get_manifest(const std::string& which) const;
  std::shared_ptr<Session> idle_session() const;
  std::shared_ptr<BlobStream> stream_of(const Descriptor& descriptor) const;
  Descriptor keep_manifest(const std::string& which, const std::string& digest,
                           const std::string& subject) const;

  Session& session_;
  mutable std::map<std::string, Bytes> documents_;  // by digest, as far as they are kept
  mutable std::size_t documents_size_ = 0;
  mutable std::vector<std::shared_ptr<Session>> sessions_;  // for blobs; streams share them
  mutable std::shared_ptr<BlobStream> next_;                // that start_reading() started
  mutable std::string next_digest_;
};

}  // namespace cim::oci
