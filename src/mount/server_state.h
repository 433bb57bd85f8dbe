// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Whether the servers of mounts live.

#include <vector>

#include "cimlib/mount.h"

#include "mount/image_mounts.h"

namespace cim::mount {

/// Asks all of them at once and waits two seconds at most.
std::vector<ServerState> server_states(const std::vector<ImageMount>& mounts);

}  // namespace cim::mount
