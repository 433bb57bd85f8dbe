// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Memory for large buffers, in pages as large as the system has them: a fault for each small page
// that is touched the first time costs as much as copying what will lie there.

#include <cstddef>
#include <memory>
#include <new>

namespace cim {

/// The large page of most systems, and where slabs start.
inline constexpr std::size_t kSlabSize = std::size_t{2} << 20;

struct FreeSlab {
  void operator()(std::byte* memory) const noexcept {
    ::operator delete[](memory, std::align_val_t{kSlabSize});
  }
};

using Slab = std::unique_ptr<std::byte[], FreeSlab>;

/// That many bytes, of any content.
Slab make_slab(std::size_t size);

}  // namespace cim
