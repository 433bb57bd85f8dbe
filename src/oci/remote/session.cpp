// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/session.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "base/printable.h"
#include "oci/documents.h"
#include "oci/remote/response_headers.h"
#include "oci/remote/retries.h"

namespace cim::oci {
namespace {

constexpr unsigned kMostRedirections = 8;
// With the first token or password, and with a renewed one.
constexpr unsigned kMostAnswers = 2;
constexpr std::size_t kLargestMessage = std::size_t{16} << 10;

HttpOptions http_options(const RemoteOptions& options) {
  return {.verify_tls = options.verify_tls,
          .ca_file = options.ca_file,
          .stall_timeout = options.stall_timeout};
}

std::vector<std::string> scopes(const Reference& reference, Session::Access access,
                                const std::string& mount_from) {
  const char* const actions = access == Session::Access::kPush ? "pull,push" : "pull";
  std::vector<std::string> scopes = {
      fmt::format("repository:{}:{}", reference.repository, actions)};
  if (!mount_from.empty()) {
    scopes.push_back(fmt::format("repository:{}:pull", mount_from));
  }
  return scopes;
}

bool is_redirection(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_temporary(unsigned status) {
  return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
}

std::vector<Challenge> challenges_of(const Transfer& transfer) {
  std::vector<Challenge> challenges;
  for (const std::string& value : transfer.headers("www-authenticate")) {
    for (Challenge& challenge : parse_challenges(value)) {
      challenges.push_back(std::move(challenge));
    }
  }
  return challenges;
}

// Returns ": CODE: MESSAGE" from the document that registries send with an error; empty for
// anything else.
std::string explanation(ByteView body) {
  try {
    const nlohmann::json document = parse_json(body, "the answer");
    const auto errors = document.is_object() ? document.find("errors") : document.end();
    if (errors == document.end() || !errors->is_array() || errors->empty() ||
        !errors->front().is_object()) {
      return {};
    }
    const nlohmann::json& error = errors->front();
    const auto text = [&](const char* name) {
      const auto found = error.find(name);
      return found != error.end() && found->is_string() ? printable(found->get<std::string>())
                                                        : std::string();
    };
    return fmt::format(": {} ({})", text("message"), text("code"));
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

Session::Session(Reference reference, Access access, const RemoteOptions& options,
                 const std::string& mount_from)
    : reference_(std::move(reference)),
      options_(options),
      subject_(reference_.registry + "/" + reference_.repository),
      connections_(http_options(options)),
      authorization_(reference_, scopes(reference_, access, mount_from), options, subject_) {}

Session::Session(const Session& other)
    : reference_(other.reference_),
      options_(other.options_),
      subject_(other.subject_),
      connections_(http_options(options_)),
      authorization_(other.authorization_),
      base_(other.base_) {}

Url Session::url(std::string_view path, const std::stop_token& stop) {
  const auto url = base(stop).resolve(fmt::format("/v2/{}/{}", reference_.repository, path));
  if (!url) {
    throw Error(ErrorCode::kInvalidArgument, subject_, "is not a valid repository");
  }
  return *url;
}

// A registry on the own machine often has no certificate, so HTTP is tried there if it does not
// answer TLS.
const Url& Session::base(const std::stop_token& stop) {
  if (!base_) {
    const std::string host =
        reference_.registry == "docker.io" ? "registry-1.docker.io" : reference_.registry;
    const auto https = Url::parse(fmt::format("https://{}/v2/", host));
    const auto http = Url::parse(fmt::format("http://{}/v2/", host));
    if (!https || !http) {
      throw Error(ErrorCode::kInvalidArgument, subject_, "the host of the registry is invalid");
    }
    const bool is_plain =
        options_.plain_http || (https->is_loopback() && !answers_tls(*https, stop));
    base_ = is_plain ? http : https;
  }
  return *base_;
}

bool Session::answers_tls(const Url& url, const std::stop_token& stop) {
  return with_retries(options_, stop, [&] {
    try {
      const Transfer transfer(connections_, {.method = "HEAD", .url = url}, subject_, stop);
      return true;
    } catch (const NoTls&) {
      return false;
    }
  });
}

std::unique_ptr<Transfer> Session::send(const Request& request, const std::stop_token& stop) {
  const Url& own = base(stop);
  Request next = request;
  bool is_trusted = true;
  unsigned redirections = 0;
  unsigned answers = 0;
  while (true) {
    check_transport(next.url, options_, subject_);
    is_trusted = is_trusted && next.url.has_same_origin(own);
    next.authorization = is_trusted ? authorization_.header() : std::string();
    auto transfer = std::make_unique<Transfer>(connections_, next, subject_, stop);
    if (is_redirection(transfer->status())) {
      if ((next.method != "GET" && next.method != "HEAD") || ++redirections > kMostRedirections) {
        throw Error(
            ErrorCode::kIo, subject_,
            redirections > kMostRedirections
                ? fmt::format("more than {} redirections", kMostRedirections)
                : fmt::format("the registry redirects a {}, which is not supported", next.method));
      }
      next.url = redirected(*transfer);
      finish(*transfer, stop);
    } else if (transfer->status() == 401 && is_trusted) {
      if (++answers > kMostAnswers) {
        authorization_.fail("the registry denies access");
      }
      const std::vector<Challenge> challenges = challenges_of(*transfer);
      finish(*transfer, stop);
      transfer.reset();
      authorization_.answer(challenges, next.authorization, connections_, stop);
    } else {
      check_status(*transfer);
      return transfer;
    }
  }
}

Url Session::redirected(const Transfer& transfer) const {
  const auto target = transfer.url().resolve(transfer.header("location"));
  if (!target) {
    throw Error(ErrorCode::kIo, subject_,
                fmt::format("{} redirects to no valid URL", transfer.url().origin()));
  }
  if (transfer.url().is_https() && !target->is_https()) {
    throw Error(ErrorCode::kAccessDenied, subject_,
                fmt::format("{} redirects from HTTPS to plain HTTP", transfer.url().origin()));
  }
  return *target;
}

// Reads a short body to its end, since only then the connection can be used again.
void Session::finish(Transfer& transfer, const std::stop_token& stop) {
  const auto length = parse_number(transfer.header("content-length"));
  if (!length || *length > kLargestMessage) {
    return;
  }
  try {
    (void)transfer.read_all(kLargestMessage, stop);
  } catch (const TemporaryFailure&) {  // the next request uses another connection
  }
}

void Session::check_status(const Transfer& transfer) const {
  if (is_temporary(transfer.status())) {
    throw TemporaryFailure(
        subject_,
        fmt::format("{} answers with status {}", transfer.url().origin(), transfer.status()),
        parse_retry_after(transfer.header("retry-after"), std::chrono::system_clock::now()));
  }
}

Response Session::fetch(const Request& request, std::size_t limit, const std::stop_token& stop) {
  return with_retries(options_, stop, [&] { return fetch_once(request, limit, stop); });
}

Response Session::fetch_once(const Request& request, std::size_t limit,
                             const std::stop_token& stop) {
  const auto transfer = send(request, stop);
  return {.status = transfer->status(),
          .media_type = media_type_of(transfer->header("content-type")),
          .digest = transfer->header("docker-content-digest"),
          .link = transfer->header("link"),
          .body = transfer->read_all(limit, stop)};
}

void Session::fail(unsigned status, ByteView body, std::string_view what) const {
  const std::string why = explanation(body);
  if (status == 404) {
    throw Error(ErrorCode::kNotFound, subject_,
                fmt::format("the registry does not have {}{}", what, why));
  }
  if (status == 403) {
    authorization_.fail(fmt::format("the registry denies access to {}{}", what, why));
  }
  if (status == 401) {
    throw Error(ErrorCode::kAccessDenied, subject_,
                fmt::format("the host that has {} denies access", what));
  }
  throw Error(ErrorCode::kIo, subject_,
              fmt::format("the registry answers with status {} for {}{}", status, what, why));
}

Response request_manifest(Session& session, const std::string& which, const std::stop_token& stop) {
  Request request{.url = session.url("manifests/" + which, stop)};
  for (const std::string_view type : kManifestTypes) {
    request.headers.push_back(fmt::format("Accept: {}", type));
  }
  return session.fetch(request, kLargestDocument, stop);
}

void Session::fail(Transfer& transfer, std::string_view what, const std::stop_token& stop) const {
  Bytes body;
  try {
    body = transfer.read_all(kLargestMessage, stop);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) {
      throw;
    }
  }
  fail(transfer.status(), body, what);
}

}  // namespace cim::oci
