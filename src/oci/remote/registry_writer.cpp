// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Blobs are sent before the manifest that refers to them, which registries require, and so that an
// interrupted push leaves nothing that can be pulled.
#include "oci/remote/registry_writer.h"

#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "oci/remote/session.h"
#include "oci/remote/upload.h"
#include "os/crypto.h"

namespace cim::oci {
namespace {

class RegistryWriter final : public LayoutWriter {
 public:
  RegistryWriter(const Reference& reference, const std::filesystem::path& staging,
                 const PushOptions& options, const RemoteOptions& remote, PushResult& result)
      : reference_(reference),
        staging_(staging),
        options_(options),
        stop_(remote.stop),
        session_(reference, Session::Access::kPush, remote, options.mount_from),
        result_(result) {}

  std::filesystem::path staging() const override { return staging_; }

  void add_blob(const Digest& digest, StagedBlob blob) override {
    File& file = blob.file();
    send({.digest = digest, .size = file.size()},
         [&](std::uint64_t offset, std::span<std::byte> into) { file.read_at(offset, into); });
  }

  void finish(const ImageDocuments& image) override {
    const Digest manifest(Sha256::of(as_bytes(image.manifest)));
    require_named(manifest);
    const ByteView configuration = as_bytes(image.configuration);
    send({.digest = Digest(Sha256::of(configuration)), .size = configuration.size()},
         [&](std::uint64_t offset, std::span<std::byte> into) {
           std::memcpy(into.data(), configuration.data() + offset, into.size());
         });
    upload_manifest(session_,
                    {.media_type = image.index_entry["mediaType"],
                     .digest = manifest,
                     .size = image.manifest.size()},
                    as_bytes(image.manifest),
                    reference_.tag.empty() ? manifest.text() : reference_.tag, stop_);
    result_.image.manifest = manifest.text();
  }

 private:
  void require_named(const Digest& manifest) const {
    if (!reference_.digest.empty() && reference_.digest != manifest.text()) {
      throw Error(ErrorCode::kInvalidArgument, reference_.to_string(),
                  fmt::format("the manifest of the image has the digest {}", manifest.text()));
    }
  }

  // The registry verifies the digest of what it receives.
  template <typename Read>
  void send(const Descriptor& blob, const Read& read) {
    const RequestBody body{
        .size = blob.size, .read_at = [&](std::uint64_t offset, std::span<std::byte> into) {
          read(offset, into);
          if (options_.progress) {
            options_.progress(
                {.bytes_done = offset + into.size(), .bytes_total = blob.size, .current = {}});
          }
        }};
    const UploadResult how = upload_blob(session_, blob, body, options_.mount_from, stop_);
    if (how == UploadResult::kSent) {
      ++result_.blobs_sent;
      result_.bytes_sent += blob.size;
    } else {
      ++result_.blobs_present;
    }
  }

  const Reference& reference_;
  std::filesystem::path staging_;
  const PushOptions& options_;
  const std::stop_token& stop_;
  Session session_;
  PushResult& result_;
};

}  // namespace

std::unique_ptr<LayoutWriter> make_registry_writer(const Reference& reference,
                                                   const std::filesystem::path& staging,
                                                   const PushOptions& options,
                                                   const RemoteOptions& remote,
                                                   PushResult& result) {
  return std::make_unique<RegistryWriter>(reference, staging, options, remote, result);
}

}  // namespace cim::oci
