// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// An upload is a session of the registry: a POST opens it, and each response names the URL of the
// next request.
#include "oci/remote/upload.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "oci/remote/retries.h"

namespace cim::oci {
namespace {

constexpr std::uint64_t kChunk = std::uint64_t{8} << 20;
constexpr std::size_t kLargestAnswer = std::size_t{64} << 10;
constexpr const char* kBinary = "Content-Type: application/octet-stream";

class Upload {
 public:
  Upload(Session& session, const Descriptor& blob, const RequestBody& body,
         const std::string& mount_from, const std::stop_token& stop)
      : session_(session), blob_(blob), body_(body), mount_from_(mount_from), stop_(stop) {}

  UploadResult run() {
    return with_retries(session_.options(), stop_, [this] { return attempt(); });
  }

 private:
  UploadResult attempt() {
    if (is_present()) {
      return UploadResult::kPresent;
    }
    auto start = begin(!mount_from_.empty());
    if (!start) {
      return UploadResult::kMounted;
    }
    if (!send_at_once(*start)) {
      send_in_chunks(*begin(false));
    }
    return UploadResult::kSent;
  }

  bool is_present() {
    const Request request{.method = "HEAD",
                          .url = session_.url("blobs/" + blob_.digest.text(), stop_)};
    const auto transfer = session_.send(request, stop_);
    if (transfer->status() != 200 && transfer->status() != 404) {
      fail(*transfer);
    }
    return transfer->status() == 200;
  }

  // Returns where to send the blob; nullopt if the registry shares that of the other repository.
  std::optional<Url> begin(bool may_mount) {
    Request request{
        .method = "POST", .url = session_.url("blobs/uploads/", stop_), .headers = {kBinary}};
    if (may_mount) {
      request.url = request.url.with_parameter("mount", blob_.digest.text())
                        .with_parameter("from", mount_from_);
    }
    const auto transfer = session_.send(request, stop_);
    if (may_mount && transfer->status() == 201) {
      return std::nullopt;
    }
    if (transfer->status() != 202) {
      fail(*transfer);
    }
    return next_location(*transfer);
  }

  // Returns false if the registry does not accept a blob in one request, or lost the upload.
  bool send_at_once(const Url& location) {
    const auto transfer = session_.send(
        {.method = "PUT", .url = finishing(location), .headers = {kBinary}, .body = body_}, stop_);
    switch (transfer->status()) {
      case 400:
      case 404:
      case 405:
      case 411:
      case 413:
      case 415:
      case 416:
        return false;
      default:
        check_created(*transfer);
        return true;
    }
  }

  void send_in_chunks(Url location) {
    for (std::uint64_t done = 0; done < body_.size;) {
      const std::uint64_t size = std::min(kChunk, body_.size - done);
      const Request request{
          .method = "PATCH",
          .url = location,
          .headers = {kBinary, fmt::format("Content-Range: {}-{}", done, done + size - 1)},
          .body =
              RequestBody{.size = size,
                          .read_at = [this, done](std::uint64_t offset, std::span<std::byte> into) {
                            body_.read_at(done + offset, into);
                          }}};
      const auto transfer = session_.send(request, stop_);
      check_kept(*transfer);
      if (transfer->status() != 202) {
        fail(*transfer);
      }
      location = next_location(*transfer);
      done += size;
    }
    const auto transfer =
        session_.send({.method = "PUT", .url = finishing(location), .headers = {kBinary}}, stop_);
    check_kept(*transfer);
    check_created(*transfer);
  }

  // A registry that was restarted, or is one of several, may not know an upload any more.
  void check_kept(const Transfer& transfer) const {
    if (transfer.status() == 404) {
      throw TemporaryFailure(
          session_.subject(),
          fmt::format("the registry lost the upload of the blob {}", blob_.digest.text()));
    }
  }

  Url finishing(const Url& location) const {
    return location.with_parameter("digest", blob_.digest.text());
  }

  Url next_location(const Transfer& transfer) const {
    const auto location = transfer.url().resolve(transfer.header("location"));
    if (!location || (transfer.url().is_https() && !location->is_https())) {
      throw Error(ErrorCode::kIo, session_.subject(),
                  "the registry does not say where to upload to, or it is not an HTTPS URL");
    }
    return *location;
  }

  void check_created(Transfer& transfer) const {
    if (transfer.status() != 201) {
      fail(transfer);
    }
    const std::string digest = transfer.header("docker-content-digest");
    if (Digest::parse(digest) && digest != blob_.digest.text()) {
      throw Error(ErrorCode::kCorrupt, session_.subject(),
                  fmt::format("the registry stored {} as {}", blob_.digest.text(), digest));
    }
  }

  [[noreturn]] void fail(Transfer& transfer) const {
    session_.fail(transfer, fmt::format("an upload of the blob {}", blob_.digest.text()), stop_);
  }

  Session& session_;
  const Descriptor& blob_;
  const RequestBody& body_;
  const std::string& mount_from_;
  const std::stop_token& stop_;
};

}  // namespace

UploadResult upload_blob(Session& session, const Descriptor& blob, const RequestBody& body,
                         const std::string& mount_from, const std::stop_token& stop) {
  return Upload(session, blob, body, mount_from, stop).run();
}

bool is_present(Session& session, const Digest& manifest, const std::stop_token& stop) {
  Request request{.method = "HEAD", .url = session.url("manifests/" + manifest.text(), stop)};
  for (const std::string_view type : kManifestTypes) {
    request.headers.push_back(fmt::format("Accept: {}", type));
  }
  const Response response = session.fetch(request, kLargestAnswer, stop);
  if (response.status != 200 && response.status != 404) {
    session.fail(response.status, response.body, "the manifest " + manifest.text());
  }
  return response.status == 200;
}

void upload_manifest(Session& session, const Descriptor& manifest, ByteView bytes,
                     const std::string& name, const std::stop_token& stop) {
  const RequestBody body{.size = bytes.size(),
                         .read_at = [bytes](std::uint64_t offset, std::span<std::byte> into) {
                           std::memcpy(into.data(), bytes.data() + offset, into.size());
                         }};
  const Response response = session.fetch({.method = "PUT",
                                           .url = session.url("manifests/" + name, stop),
                                           .headers = {"Content-Type: " + manifest.media_type},
                                           .body = body},
                                          kLargestAnswer, stop);
  if (response.status != 201) {
    session.fail(response.status, response.body, "accepted the manifest");
  }
  if (Digest::parse(response.digest) && response.digest != manifest.digest.text()) {
    throw Error(ErrorCode::kCorrupt, session.subject(),
                fmt::format("the registry stored the manifest {} as {}", manifest.digest.text(),
                            response.digest));
  }
}

}  // namespace cim::oci
