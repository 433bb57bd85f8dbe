// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Credential helpers: the programs docker-credential-NAME, which keep credentials in the system's
// key store.

#include <optional>
#include <stop_token>
#include <string>

#include "cimlib/remote.h"

namespace cim::oci {

/// Runs "docker-credential-NAME get", without a shell, and passes it the server on its standard
/// input. Returns nullopt if it knows no credentials. Throws kNotFound if there is no such program
/// in $PATH, kIo if it fails or does not answer in a minute, kCorrupt, kCancelled.
std::optional<Credentials> ask_helper(const std::string& name, const std::string& server,
                                      const std::stop_token& stop);

}  // namespace cim::oci
