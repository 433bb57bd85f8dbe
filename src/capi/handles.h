// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The handles that C programs hold. A handle is a number: the place of an object in a table, how
// often the place was used before, and what kind of object it is. So a handle that is closed, of
// another kind, or made up is known as such, and never followed.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace cim::capi {

/// What a handle stands for; never 0.
enum class HandleKind : std::uint8_t {
  kImageWriter = 1,
  kStreamWriter = 2,
  kImage = 3,
  kStream = 4,
  kListing = 5,
};

/// May be used from many threads at once.
class HandleTable {
 public:
  /// The one of this process. It is never destroyed: a thread may be in a call when the process
  /// ends.
  static HandleTable& instance();

  /// A new handle; never null. Throws std::bad_alloc when there are too many.
  std::uintptr_t add(std::shared_ptr<void> object, HandleKind kind);
  /// The object of an open handle of that kind, or null.
  std::shared_ptr<void> find(std::uintptr_t handle, HandleKind kind) const;
  /// The same, and closes the handle.
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

// The types of handles in cimfs.h point to nothing. These are the casts between them and the table.
// T is a class with a constant kKind.

template <typename T, typename Handle>
Handle open_handle(std::shared_ptr<T> object) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number in the clothes of a pointer.
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
