// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/version.h"

namespace cim {

std::string_view version() noexcept {
  return kVersion;
}

}  // namespace cim
