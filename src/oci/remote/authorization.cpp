// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The token protocol of the distribution project: the registry names a token service in its
// challenge, to which the credentials are sent, and accepts the token that this returns.
#include "oci/remote/authorization.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "base/printable.h"
#include "oci/documents.h"
#include "oci/remote/credentials.h"
#include "oci/remote/response_headers.h"
#include "oci/remote/retries.h"
#include "os/base64.h"

namespace cim::oci {
namespace {

constexpr std::size_t kLargestTokenDocument = std::size_t{1} << 20;
// The protocol's least validity of a token, and that of one that does not state it.
constexpr std::uint64_t kLeastValidity = 60;
constexpr std::uint64_t kLongestValidity = 24ULL * 3600;

std::string basic_header(const Credentials& credentials) {
  std::string header = "Basic ";
  append_base64(header, as_bytes(credentials.user + ":" + credentials.password));
  return header;
}

const Challenge* find(const std::vector<Challenge>& challenges, std::string_view scheme) {
  const auto found = std::ranges::find(challenges, scheme, &Challenge::scheme);
  return found == challenges.end() ? nullptr : &*found;
}

// A token becomes part of a header.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

std::string text_of(const nlohmann::json& document, const char* name) {
  const auto found = document.find(name);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

RequestBody body_of(std::string text) {
  const std::size_t size = text.size();
  return {.size = size,
          .read_at = [text = std::move(text)](std::uint64_t offset, std::span<std::byte> into) {
            std::memcpy(into.data(), text.data() + offset, into.size());
          }};
}

}  // namespace

void check_transport(const Url& url, const RemoteOptions& options, const std::string& subject) {
  if (!url.is_https() && !options.plain_http && !url.is_loopback()) {
    throw Error(
        ErrorCode::kAccessDenied, subject,
        fmt::format("{} uses plain HTTP, which --plain-http allows", printable(url.origin())));
  }
}

Authorization::Authorization(Reference reference, std::vector<std::string> scopes,
                             const RemoteOptions& options, std::string subject)
    : reference_(std::move(reference)),
      scopes_(std::move(scopes)),
      options_(options),
      subject_(std::move(subject)) {}

std::string Authorization::header() const {
  const bool has_expired = expiry_ && std::chrono::steady_clock::now() >= *expiry_;
  return has_expired ? std::string() : header_;
}

void Authorization::answer(const std::vector<Challenge>& challenges, const std::string& sent,
                           Connections& connections, const std::stop_token& stop) {
  if (const Challenge* const bearer = find(challenges, "bearer")) {
    return get_token(*bearer, connections, stop);
  }
  if (find(challenges, "basic") == nullptr) {
    fail("the registry asks for authentication in no way that is supported");
  }
  if (!credentials(stop) || credentials_->user.empty()) {
    fail("the registry requires a login");
  }
  header_ = basic_header(*credentials_);
  expiry_.reset();
  if (sent == header_) {
    fail("the registry denies access");
  }
}

void Authorization::fail(std::string_view reason) const {
  throw Error(ErrorCode::kAccessDenied, subject_,
              fmt::format("{}: {}", reason,
                          login_advice(reference_, has_looked_ && credentials_.has_value())));
}

// Stored credentials are only looked for if a registry asks for some.
const std::optional<Credentials>& Authorization::credentials(const std::stop_token& stop) {
  if (!has_looked_) {
    credentials_ = options_.credentials ? options_.credentials : find_credentials(reference_, stop);
    has_looked_ = true;
  }
  return credentials_;
}

void Authorization::get_token(const Challenge& challenge, Connections& connections,
                              const std::stop_token& stop) {
  (void)credentials(stop);
  const Request request = token_request(challenge);
  const std::string origin = request.url.origin();
  const Bytes document = with_retries(options_, stop, [&] {
    Transfer transfer(connections, request, subject_, stop);
    const unsigned status = transfer.status();
    if (status == 429 || status >= 500) {
      throw TemporaryFailure(
          subject_, fmt::format("the token service {} answers with status {}", origin, status),
          parse_retry_after(transfer.header("retry-after"), std::chrono::system_clock::now()));
    }
    if (status == 401 || status == 403) {
      fail(fmt::format("the token service {} denies access", origin));
    }
    if (status != 200) {
      throw Error(ErrorCode::kIo, subject_,
                  fmt::format("the token service {} answers with status {}", origin, status));
    }
    return transfer.read_all(kLargestTokenDocument, stop);
  });
  take_token(document, origin);
}

// A password is sent by Basic authentication, an identity token as OAuth 2.0 refreshes a token.
Request Authorization::token_request(const Challenge& challenge) const {
  const auto realm = Url::parse(challenge.parameter("realm"));
  if (!realm) {
    throw Error(ErrorCode::kCorrupt, subject_, "the registry names no valid token service");
  }
  check_transport(*realm, options_, subject_);
  std::vector<std::string> scopes = scopes_;
  const std::string asked = challenge.parameter("scope");
  if (!asked.empty() && std::ranges::find(scopes, asked) == scopes.end()) {
    scopes.push_back(asked);
  }
  const std::string service = challenge.parameter("service");
  if (credentials_ && !credentials_->identity_token.empty()) {
    std::string form =
        "grant_type=refresh_token&client_id=cimlib&service=" + percent_encoded(service) +
        "&refresh_token=" + percent_encoded(credentials_->identity_token);
    form += "&scope=" + percent_encoded(fmt::format("{}", fmt::join(scopes, " ")));
    return {.method = "POST",
            .url = *realm,
            .headers = {"Content-Type: application/x-www-form-urlencoded"},
            .body = body_of(std::move(form))};
  }
  Url url = *realm;
  if (!service.empty()) {
    url = url.with_parameter("service", service);
  }
  for (const std::string& scope : scopes) {
    url = url.with_parameter("scope", scope);
  }
  return {.url = url, .authorization = credentials_ ? basic_header(*credentials_) : std::string()};
}

void Authorization::take_token(ByteView document, const std::string& origin) {
  const std::string subject = fmt::format("{}: the answer of {}", subject_, origin);
  const nlohmann::json json = parse_json(document, subject);
  if (!json.is_object()) {
    throw Error(ErrorCode::kCorrupt, subject, "is not a JSON object");
  }
  std::string token = text_of(json, "token");
  token = token.empty() ? text_of(json, "access_token") : token;
  if (!is_token(token)) {
    throw Error(ErrorCode::kCorrupt, subject, "has no valid token");
  }
  const auto validity = json.find("expires_in");
  const std::uint64_t seconds = validity != json.end() && validity->is_number_unsigned()
                                    ? validity->get<std::uint64_t>()
                                    : kLeastValidity;
  header_ = "Bearer " + token;
  expiry_ = std::chrono::steady_clock::now() +
            std::chrono::seconds(std::clamp(seconds, kLeastValidity, kLongestValidity));
}

}  // namespace cim::oci
