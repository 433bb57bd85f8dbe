// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Memory for large buffers, in pages as large as the system has them: a page fault for each small
// page touched for the first time costs as much as copying the data that fills it.

#include <cstddef>
#include <memory>
#include <new>

namespace cim {

/// The size of a large page on most systems, and the alignment of slabs.
inline constexpr std::size_t kSlabSize = std::size_t{2} << 20;

/// Frees a slab with the alignment with which it was allocated.
struct FreeSlab {
  void operator()(std::byte* memory) const noexcept {
    ::operator delete[](memory, std::align_val_t{kSlabSize});
  }
};

using Slab = std::unique_ptr<std::byte[], FreeSlab>;

/// Returns `size` bytes with unspecified content.
Slab make_slab(std::size_t size);

}  // namespace cim
