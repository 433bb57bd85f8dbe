// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Authentication to one registry, for one set of scopes.

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/remote.h"

#include "oci/remote/challenge.h"
#include "oci/remote/http.h"

namespace cim::oci {

/// Throws kAccessDenied for plain HTTP to another machine, unless the options allow it.
void check_transport(const Url& url, const RemoteOptions& options, const std::string& subject);

class Authorization {
 public:
  /// `scopes` are those to request tokens for. `options` must outlive this object; `subject` names
  /// the repository in errors.
  Authorization(Reference reference, std::vector<std::string> scopes, const RemoteOptions& options,
                std::string subject);

  /// Returns the value of the header to send to the registry; empty if none is known, or if the
  /// token has expired.
  std::string header() const;

  /// Reacts to status 401: gets a token, or prepares Basic authentication. Throws kAccessDenied,
  /// with advice, if there are no credentials or they are not accepted; and as Transfer.
  /// `sent` is the header that the registry did not accept.
  void answer(const std::vector<Challenge>& challenges, const std::string& sent,
              Connections& connections, const std::stop_token& stop);

  /// Throws kAccessDenied for credentials that are missing or not accepted.
  [[noreturn]] void fail(std::string_view reason) const;

 private:
  const std::optional<Credentials>& credentials(const std::stop_token& stop);
  void get_token(const Challenge& challenge, Connections& connections, const std::stop_token& stop);
  Request token_request(const Challenge& challenge) const;
  void take_token(ByteView document, const std::string& origin);

  Reference reference_;
  std::vector<std::string> scopes_;
  const RemoteOptions& options_;
  std::string subject_;
  bool has_looked_ = false;
  std::optional<Credentials> credentials_;
  std::string header_;
  std::optional<std::chrono::steady_clock::time_point> expiry_;  // of a token
};

}  // namespace cim::oci
