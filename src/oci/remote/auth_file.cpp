// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/auth_file.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"

#include "base/printable.h"
#include "oci/documents.h"
#include "oci/remote/ascii.h"
#include "os/base64.h"

namespace cim::oci {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kDockerHub = "docker.io";
// The name under which docker stores a login to its own registry.
constexpr std::string_view kDockerHubServer = "https://index.docker.io/v1/";
// The user name with which a helper marks an identity token.
constexpr std::string_view kTokenUser = "<token>";

const Json* member(const Json& object, std::string_view name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_of(const Json& object, std::string_view name) {
  const Json* const value = member(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

// Returns the host in a name such as "https://host/v1/"; other names are returned as they are.
std::string_view without_scheme(std::string_view name) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (name.starts_with(scheme)) {
      name.remove_prefix(scheme.size());
      return name.substr(0, name.find('/'));
    }
  }
  return name;
}

[[noreturn]] void fail(const std::string& subject, std::string_view name, std::string_view reason) {
  throw Error(ErrorCode::kCorrupt, subject,
              fmt::format("the credentials for {} {}", printable(name), reason));
}

// The member "auth" is the base64 of USER:PASSWORD.
Credentials parse_login(const Json& login, const std::string& subject, std::string_view name) {
  Credentials credentials{.user = text_of(login, "username"),
                          .password = text_of(login, "password"),
                          .identity_token = text_of(login, "identitytoken")};
  const std::string packed = text_of(login, "auth");
  if (packed.empty()) {
    return credentials;
  }
  const auto bytes = decode_base64(packed);
  if (!bytes) {
    fail(subject, name, "are not base64");
  }
  const std::string_view plain = as_text(*bytes);
  const std::size_t colon = plain.find(':');
  if (colon == std::string_view::npos) {
    fail(subject, name, "have no colon between the user and the password");
  }
  credentials.user = plain.substr(0, colon);
  credentials.password = plain.substr(colon + 1);
  // docker pads short passwords with NULs.
  while (credentials.password.ends_with('\0')) {
    credentials.password.pop_back();
  }
  return credentials;
}

bool is_empty(const Credentials& credentials) {
  return credentials.user.empty() && credentials.password.empty() &&
         credentials.identity_token.empty();
}

// The name becomes part of that of a program, which must not be a path.
bool is_helper_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
  });
}

void check_helper(const std::string& subject, const std::string& name) {
  if (!is_helper_name(name)) {
    throw Error(ErrorCode::kCorrupt, subject, "a credential helper has an invalid name");
  }
}

}  // namespace

std::vector<std::string> login_names(const Reference& reference) {
  std::vector<std::string> names;
  for (std::string name = reference.registry + "/" + reference.repository;
       name.size() > reference.registry.size(); name.erase(name.rfind('/'))) {
    names.push_back(name);
  }
  names.push_back(reference.registry);
  if (reference.registry == kDockerHub) {
    names.insert(names.end(), {"index.docker.io", "registry-1.docker.io"});
  }
  return names;
}

AuthFile::AuthFile(ByteView text, std::string subject) : subject_(std::move(subject)) {
  const Json document = parse_json(text, subject_);
  if (!document.is_object()) {
    throw Error(ErrorCode::kCorrupt, subject_, "is not a JSON object");
  }
  if (const Json* const logins = member(document, "auths"); logins && logins->is_object()) {
    for (const auto& [name, login] : logins->items()) {
      if (Credentials credentials = parse_login(login, subject_, name); !is_empty(credentials)) {
        logins_.emplace(without_scheme(name), std::move(credentials));
      }
    }
  }
  if (const Json* const helpers = member(document, "credHelpers");
      helpers && helpers->is_object()) {
    for (const auto& [name, helper] : helpers->items()) {
      if (helper.is_string() && !helper.get<std::string>().empty()) {
        check_helper(subject_, helper.get<std::string>());
        helpers_.emplace(without_scheme(name), helper.get<std::string>());
      }
    }
  }
  store_ = text_of(document, "credsStore");
  if (!store_.empty()) {
    check_helper(subject_, store_);
  }
}

std::optional<Credentials> AuthFile::find(const Reference& reference) const {
  for (const std::string& name : login_names(reference)) {
    if (const auto found = logins_.find(name); found != logins_.end()) {
      return found->second;
    }
  }
  return std::nullopt;
}

std::vector<AuthFile::Helper> AuthFile::helpers(const Reference& reference) const {
  std::vector<Helper> found;
  const std::string server(reference.registry == kDockerHub ? kDockerHubServer
                                                            : std::string_view(reference.registry));
  for (const std::string& name : login_names(reference)) {
    if (const auto helper = helpers_.find(name); helper != helpers_.end()) {
      // Docker's own name is the server for the whole registry, never for a namespace.
      const bool is_namespace = name.find('/') != std::string::npos;
      found.push_back({.name = helper->second, .server = is_namespace ? name : server});
      break;
    }
  }
  if (!store_.empty()) {
    found.push_back({.name = store_, .server = server});
  }
  return found;
}

Credentials parse_helper_answer(ByteView text, const std::string& subject) {
  const Json document = parse_json(text, subject);
  const std::string user = text_of(document, "Username");
  const std::string secret = text_of(document, "Secret");
  if (secret.empty()) {
    throw Error(ErrorCode::kCorrupt, subject, "its answer has no secret");
  }
  if (user == kTokenUser) {
    return {.user = {}, .password = {}, .identity_token = secret};
  }
  return {.user = user, .password = secret, .identity_token = {}};
}

}  // namespace cim::oci
