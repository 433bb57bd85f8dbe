// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <sys/mman.h>

#include "os/slab.h"

namespace cim {

Slab make_slab(std::size_t size) {
  Slab slab(static_cast<std::byte*>(::operator new[](size, std::align_val_t{kSlabSize})));
  ::madvise(slab.get(), size, MADV_HUGEPAGE);  // only a hint
  return slab;
}

}  // namespace cim
