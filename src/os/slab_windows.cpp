// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "os/slab.h"

namespace cim {

// Large pages need a privilege on Windows.
Slab make_slab(std::size_t size) {
  return Slab(static_cast<std::byte*>(::operator new[](size, std::align_val_t{kSlabSize})));
}

}  // namespace cim
