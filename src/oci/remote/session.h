// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Requests to one repository of a registry, with authentication, redirections and retries.

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/remote.h"

#include "base/bytes.h"
#include "oci/remote/authorization.h"
#include "oci/remote/http.h"

namespace cim::oci {

/// A response that was read completely.
struct Response {
  unsigned status = 0;
  std::string media_type;  // of Content-Type; empty if missing
  std::string digest;      // Docker-Content-Digest; empty if missing
  std::string link;
  Bytes body;
};

/// The media types of indexes and manifests, those of OCI first.
inline constexpr std::array<std::string_view, 4> kManifestTypes = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
};

/// One request at a time; may be used by one thread after another.
class Session {
 public:
  enum class Access { kPull, kPush };

  /// `options` must outlive this object. `mount_from` is a repository to read from as well.
  Session(Reference reference, Access access, const RemoteOptions& options,
          const std::string& mount_from = {});
  /// Makes a session with connections of its own, but with what the other has learned: the token
  /// and the transport.
  Session(const Session& other);
  Session& operator=(const Session&) = delete;
  ~Session() = default;

  const Reference& reference() const noexcept { return reference_; }
  const RemoteOptions& options() const noexcept { return options_; }
  /// Names the repository in errors: "registry/name".
  const std::string& subject() const noexcept { return subject_; }

  /// Returns the URL of a path below that of the repository, such as "tags/list".
  Url url(std::string_view path, const std::stop_token& stop);

  /// Sends a request once, except that it follows redirections of GET and HEAD, and repeats it with
  /// credentials if the registry asks for them. Credentials are sent only to the registry itself,
  /// and never again after a redirection to another host. Returns any status but 401, 408, 429 and
  /// 5xx. Throws TemporaryFailure for the last three, and what Transfer throws.
  std::unique_ptr<Transfer> send(const Request& request, const std::stop_token& stop);

  /// Sends a request and reads a body of at most `limit` bytes, with retries.
  Response fetch(const Request& request, std::size_t limit, const std::stop_token& stop);

  /// Throws the error for a status that was not expected; `what` names what was requested, and
  /// `body` may explain it.
  [[noreturn]] void fail(unsigned status, ByteView body, std::string_view what) const;
  [[noreturn]] void fail(Transfer& transfer, std::string_view what,
                         const std::stop_token& stop) const;

 private:
  const Url& base(const std::stop_token& stop);
  bool answers_tls(const Url& url, const std::stop_token& stop);
  Url redirected(const Transfer& transfer) const;
  static void finish(Transfer& transfer, const std::stop_token& stop);
  Response fetch_once(const Request& request, std::size_t limit, const std::stop_token& stop);
  void check_status(const Transfer& transfer) const;

  Reference reference_;
  const RemoteOptions& options_;
  std::string subject_;
  Connections connections_;
  Authorization authorization_;
  std::optional<Url> base_;
};

/// Requests a manifest or index by its tag or digest.
Response request_manifest(Session& session, const std::string& which, const std::stop_token& stop);

}  // namespace cim::oci
