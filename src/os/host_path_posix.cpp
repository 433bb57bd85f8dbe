// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/host_path.h"

namespace cim {

std::filesystem::path host_path(std::string_view text) {
  return text;
}

std::filesystem::path host_name(std::string_view text) {
  return text;
}

}  // namespace cim
