// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The options of the verbs that access registries.

#include <cstdint>
#include <optional>
#include <string>

#include "cimlib/remote.h"

#include "cli/verb.h"

namespace cim::cli {

struct RegistryOptions {
  std::optional<std::string> credentials;
  bool reads_password = false;
  bool plain_http = false;
  std::optional<std::string> verify_tls;
  std::optional<std::string> ca_file;
  std::optional<std::uint64_t> retries;
  std::optional<std::uint64_t> stall_timeout;
};

void registry_options(Parameters& parameters, RegistryOptions& options);

/// Reads the password from standard input if that was requested. Warnings go to the console. Throws
/// UsageError.
oci::RemoteOptions connection_options(const RegistryOptions& options, Console& console);

/// The same, and an interruption stops what uses the result.
oci::RemoteOptions remote_options(const RegistryOptions& options, Console& console);

/// Throws UsageError for a text that is not a reference.
oci::Reference parse_reference(const std::string& text);

}  // namespace cim::cli
