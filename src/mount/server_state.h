// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Finds out whether the servers of mounts are running.

#include <vector>

#include "cimlib/mount.h"

#include "mount/image_mounts.h"

namespace cim::mount {

/// Queries all servers at once and waits at most two seconds.
std::vector<ServerState> server_states(const std::vector<ImageMount>& mounts);

}  // namespace cim::mount
