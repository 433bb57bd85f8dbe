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

namespace cim::capi {

/// The kind of object that a handle refers to; never 0.
enum class HandleKind : std::uint8_t {
  kImageWriter = 1,
  kStreamWriter = 2,
  kImage = 3,
  kStream = 4,
  kListing = 5,
};

/// Safe for concurrent use.
class HandleTable {
 public:
  /// Returns the table of this process. It is never destroyed, since a thread may be in a call when
  /// the process ends.
  static HandleTable& instance();

  /// Creates a handle, never null. Throws std::bad_alloc if there are too many.
  std::uintptr_t add(std::shared_ptr<void> object, HandleKind kind);
  /// Returns the object of an open handle of that kind, or null.
  std::shared_ptr<void> find(std::uintptr_t handle, HandleKind kind) const;
  /// Closes the handle and returns its object, or null.
  std::shared_ptr<void> remove(std::uintptr_t handle, HandleKind kind);

 private:
  struct Slot {
    std::shared_ptr<void> object;
    std::uintptr_t generation = 0;
    HandleKind kind = HandleKind::kImageWriter;
  };

  std::size_t place_of(std::uintptr_t handle, HandleKind kind) const;

  mutable std::mutex mutex_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> free_;
};

// The handle types in cimfs.h point to nothing. These are the casts between them and the table. T
// is a class with a constant kKind.

template <typename T, typename Handle>
Handle open_handle(std::shared_ptr<T> object) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number in a pointer type.
  return reinterpret_cast<Handle>(HandleTable::instance().add(std::move(object), T::kKind));
}

template <typename T, typename Handle>
std::shared_ptr<T> find_handle(Handle handle) {
  return std::static_pointer_cast<T>(
      HandleTable::instance().find(reinterpret_cast<std::uintptr_t>(handle), T::kKind));
}

template <typename T, typename Handle>
std::shared_ptr<T> take_handle(Handle handle) {
  return std::static_pointer_cast<T>(
      HandleTable::instance().remove(reinterpret_cast<std::uintptr_t>(handle), T::kKind));
}

}  // namespace cim::capi
