// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/registry_access.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string_view>

#include "cimlib/error.h"
#include "cimlib/host_path.h"

namespace cim::cli {
namespace {

constexpr std::uint64_t kMostRetries = 100;
constexpr std::uint64_t kLongestTimeout = 24ULL * 3600;
constexpr std::size_t kLongestPassword = 65536;

// The first line of standard input.
std::string read_password() {
  std::string password;
  for (char c = 0; std::cin.get(c) && c != '\n' && password.size() < kLongestPassword;) {
    password += c;
  }
  if (password.ends_with('\r')) {
    password.pop_back();
  }
  if (password.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "standard input", "has no password");
  }
  return password;
}

// USER:PASSWORD, or USER alone if the password is read; it may contain colons.
std::optional<oci::Credentials> credentials(const RegistryOptions& options) {
  if (!options.credentials) {
    if (options.reads_password) {
      throw UsageError{"--password-stdin needs --creds USER"};
    }
    return std::nullopt;
  }
  const std::string& text = *options.credentials;
  const std::size_t colon = text.find(':');
  const bool has_password = colon != std::string::npos;
  oci::Credentials credentials{.user = text.substr(0, colon)};
  if (credentials.user.empty() || has_password == options.reads_password) {
    throw UsageError{"--creds is USER:PASSWORD, or USER with --password-stdin"};
  }
  credentials.password = has_password ? text.substr(colon + 1) : read_password();
  return credentials;
}

}  // namespace

void registry_options(Parameters& parameters, RegistryOptions& options) {
  parameters.option("--creds", "USER[:PASSWORD]",
                    "log in with these credentials instead of the stored ones",
                    &options.credentials);
  parameters.flag("--password-stdin", "read the password for --creds from standard input",
                  options.reads_password);
  parameters.flag("--plain-http", "use HTTP instead of HTTPS, also to send credentials",
                  options.plain_http);
  parameters.option("--tls-verify", "BOOL", "verify the certificates of servers (default: true)",
                    &options.verify_tls, Completes::kNothing, {"true", "false"});
  parameters.option("--ca-file", "FILE", "trust the certificate authorities in this file instead",
                    &options.ca_file, Completes::kFiles);
  parameters.option("--retries", "COUNT", "repeat a request that failed this often (default: 4)",
                    &options.retries);
  parameters.option("--stall-timeout", "SECONDS",
                    "give up a connection without progress after this time (default: 60)",
                    &options.stall_timeout);
}

oci::RemoteOptions remote_options(const RegistryOptions& options, Console& console) {
  oci::RemoteOptions remote = connection_options(options, console);
  remote.stop = console.stop_on_interruption();
  return remote;
}

oci::RemoteOptions connection_options(const RegistryOptions& options, Console& console) {
  oci::RemoteOptions remote;
  remote.credentials = credentials(options);
  remote.plain_http = options.plain_http;
  remote.verify_tls = options.verify_tls.value_or("true") == "true";
  if (options.ca_file) {
    remote.ca_file = host_path(*options.ca_file);
  }
  if (options.retries) {
    remote.retries = static_cast<unsigned>(std::min(*options.retries, kMostRetries));
  }
  if (options.stall_timeout) {
    if (*options.stall_timeout == 0) {
      throw UsageError{"--stall-timeout: 0 is too short"};
    }
    remote.stall_timeout = std::chrono::seconds(std::min(*options.stall_timeout, kLongestTimeout));
  }
  remote.warning = [&console](const std::string& text) { console.warn(text); };
  return remote;
}

oci::Reference parse_reference(const std::string& text) {
  try {
    return oci::Reference::parse(text);
  } catch (const Error& error) {
    throw UsageError{error.what()};
  }
}

}  // namespace cim::cli
