// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Replaces mount.cpp and the other verbs about mounts if cimlib is built without the mount server.
#include "cli/verb.h"

namespace cim::cli {

std::span<const Verb* const> mount_verbs() {
  return {};
}

}  // namespace cim::cli
