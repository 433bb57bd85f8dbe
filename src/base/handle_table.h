// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The handles of C programs. A handle is a number that consists of an object's slot in a table, the
// generation of that slot, and the kind of object. Handles that are closed, of another kind or
// invented are therefore detected and never dereferenced.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace cim {

/// Safe for concurrent use. Each library has kinds of objects of its own: numbers from 1 to 7.
class HandleTable {
 public:
  /// Creates a handle, never null. Throws std::bad_alloc if there are too many.
  std::uintptr_t add(std::shared_ptr<void> object, unsigned kind);
  /// Returns the object of an open handle of that kind, or null.
  std::shared_ptr<void> find(std::uintptr_t handle, unsigned kind) const;
  /// Closes the handle and returns its object, or null.
  std::shared_ptr<void> remove(std::uintptr_t handle, unsigned kind);

 private:
  struct Slot {
    std::shared_ptr<void> object;
    std::uintptr_t generation = 0;
    unsigned kind = 0;
  };

  std::size_t place_of(std::uintptr_t handle, unsigned kind) const;

  mutable std::mutex mutex_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> free_;
};

}  // namespace cim
