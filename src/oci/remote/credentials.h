// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Where the credentials of a user are stored.

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/remote.h"

namespace cim::oci {

/// Returns the files to look into, in this order; they need not exist. The environment variable
/// REGISTRY_AUTH_FILE replaces all others.
std::vector<std::filesystem::path> auth_files();

/// Returns the credentials stored for a repository, from the first file that has any, or whose
/// helper has. Throws kCorrupt for a damaged file, kNotFound if the file that REGISTRY_AUTH_FILE
/// names does not exist, and what ask_helper() throws.
std::optional<Credentials> find_credentials(const Reference& reference,
                                            const std::stop_token& stop);

/// Returns "no credentials found in A, B; log in with …", for errors.
std::string login_advice(const Reference& reference, bool had_credentials);

}  // namespace cim::oci
