// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// HTTP by libcurl: one request and its response at a time, without redirections, decoding,
// authentication or retries of libcurl's own.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/error.h"

#include "base/bytes.h"
#include "oci/remote/url.h"

namespace cim::oci {

/// A failure that may not occur again.
class TemporaryFailure final : public Error {
 public:
  TemporaryFailure(const std::string& subject, std::string reason,
                   std::optional<std::chrono::seconds> retry_after = std::nullopt)
      : Error(ErrorCode::kIo, subject, std::move(reason)), retry_after_(retry_after) {}

  /// The pause that the server asks for.
  std::optional<std::chrono::seconds> retry_after() const noexcept { return retry_after_; }

 private:
  std::optional<std::chrono::seconds> retry_after_;
};

/// The server does not answer TLS.
class NoTls final : public Error {
 public:
  using Error::Error;
};

/// A body to send. It may be read again from the start.
struct RequestBody {
  std::uint64_t size = 0;
  /// Fills the buffer with the bytes from `offset` on.
  std::function<void(std::uint64_t offset, std::span<std::byte> into)> read_at = {};
};

struct Request {
  std::string method = "GET";
  Url url;
  std::vector<std::string> headers = {};  // "Name: value"
  std::string authorization = {};         // the value of the header; empty for none
  std::optional<RequestBody> body = {};   // for PUT, PATCH and POST
};

/// How connections are made.
struct HttpOptions {
  bool verify_tls = true;
  std::filesystem::path ca_file = {};
  std::chrono::seconds stall_timeout = std::chrono::seconds(60);
};

/// Connections that requests share, one request at a time. May be used by one thread after another.
class Connections {
 public:
  explicit Connections(HttpOptions options);
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;
  ~Connections();

 private:
  friend class Transfer;
  struct State;
  std::unique_ptr<State> state_;
};

/// A request in progress. The constructor returns when the headers of the response are there.
///
/// Throws TemporaryFailure if the connection fails or stalls, NoTls, kAccessDenied for a
/// certificate that is not trusted, kCorrupt for headers that are too large, kCancelled. `subject`
/// names the request in errors.
class Transfer {
 public:
  Transfer(Connections& connections, const Request& request, const std::string& subject,
           const std::stop_token& stop);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer();

  unsigned status() const noexcept;
  const Url& url() const noexcept;
  /// Returns the values of a header, whose name is in lower case.
  std::vector<std::string> headers(std::string_view name) const;
  /// Returns the first value; empty if the header is missing.
  std::string header(std::string_view name) const;

  /// Reads some of the body; 0 at its end. Throws as the constructor.
  std::size_t read(std::span<std::byte> into, const std::stop_token& stop);
  /// Reads the rest of the body. Throws kLimit if it is longer than `limit`, and as read().
  Bytes read_all(std::size_t limit, const std::stop_token& stop);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cim::oci
