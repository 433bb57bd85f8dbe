// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/wtf8.h"

#include "capi/arguments.h"

namespace cim::capi {

std::filesystem::path host_path(std::u16string_view text) {
  return to_wtf8(text);
}

}  // namespace cim::capi
