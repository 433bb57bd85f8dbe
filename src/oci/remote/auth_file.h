// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The file in which podman, skopeo and docker store credentials: auth.json or config.json.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cimlib/remote.h"

#include "base/bytes.h"

namespace cim::oci {

/// The maximum size of such a file and of the answer of a credential helper.
inline constexpr std::size_t kLargestAuthFile = std::size_t{1} << 20;

/// Returns the names under which credentials for a repository may be stored, the best first: the
/// repository, the namespaces it is in, the registry, and the other names of that.
std::vector<std::string> login_names(const Reference& reference);

/// The content of such a file. Its errors never show a part of it.
class AuthFile {
 public:
  /// Throws kCorrupt, kLimit; `subject` names the file in errors.
  AuthFile(ByteView text, std::string subject);

  /// Returns the credentials that the file itself has for a repository.
  std::optional<Credentials> find(const Reference& reference) const;

  /// A program that knows credentials, and the name to ask it for.
  struct Helper {
    std::string name;    // "NAME" of docker-credential-NAME
    std::string server;  // as stored

    bool operator==(const Helper&) const = default;
  };
  /// Returns the helpers to ask for a repository, the best first.
  std::vector<Helper> helpers(const Reference& reference) const;

 private:
  std::string subject_;
  std::map<std::string, Credentials> logins_;   // by name; only those that are not empty
  std::map<std::string, std::string> helpers_;  // by name
  std::string store_;                           // the helper for all others
};

/// Parses the answer of a credential helper to "get". Throws kCorrupt.
Credentials parse_helper_answer(ByteView text, const std::string& subject);

}  // namespace cim::oci
