// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Replaces mount_verbs.cpp if cimlib is built without the mount server.
#include "cli/verbs/verbs.h"

namespace cim::cli {

std::span<const Verb* const> mount_verbs() {
  return {};
}

}  // namespace cim::cli
