// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/credentials.h"

#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/printable.h"
#include "oci/remote/auth_file.h"
#include "oci/remote/credential_helper.h"
#include "os/file.h"
#include "os/host_path.h"

namespace cim::oci {
namespace {

constexpr const char* kAuthFileVariable = "REGISTRY_AUTH_FILE";

// Returns a variable of the environment; empty if it is not set.
std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

std::vector<std::filesystem::path> auth_files() {
  if (const std::string file = variable(kAuthFileVariable); !file.empty()) {
    return {file};
  }
  std::vector<std::filesystem::path> files;
  if (const std::string directory = variable("XDG_RUNTIME_DIR"); !directory.empty()) {
    files.push_back(std::filesystem::path(directory) / "containers" / "auth.json");
  }
  if (const std::string directory = variable("DOCKER_CONFIG"); !directory.empty()) {
    files.push_back(std::filesystem::path(directory) / "config.json");
  } else if (const std::string home = variable("HOME"); !home.empty()) {
    files.push_back(std::filesystem::path(home) / ".docker" / "config.json");
  }
  return files;
}

std::optional<Credentials> find_credentials(const Reference& reference,
                                            const std::stop_token& stop) {
  const bool must_exist = !variable(kAuthFileVariable).empty();
  for (const std::filesystem::path& path : auth_files()) {
    if (!must_exist && !std::filesystem::exists(status_of(path))) {
      continue;
    }
    const AuthFile file(read_whole_file(path, kLargestAuthFile), path.string());
    // A helper replaces what the file itself has.
    for (const AuthFile::Helper& helper : file.helpers(reference)) {
      if (auto credentials = ask_helper(helper.name, helper.server, stop)) {
        return credentials;
      }
    }
    if (auto credentials = file.find(reference)) {
      return credentials;
    }
  }
  return std::nullopt;
}

std::string login_advice(const Reference& reference, bool had_credentials) {
  if (had_credentials) {
    return fmt::format(
        "the credentials were not accepted; log in again with podman login {} or "
        "docker login",
        reference.registry);
  }
  std::string files;
  for (const std::filesystem::path& path : auth_files()) {
    files += (files.empty() ? "" : " or ") + printable(path.string());
  }
  return fmt::format("no credentials found{}{}; log in with podman login {} or docker login",
                     files.empty() ? "" : " in ", files, reference.registry);
}

}  // namespace cim::oci
