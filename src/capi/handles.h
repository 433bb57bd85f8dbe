// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The handles of the C API.

#include <cstdint>
#include <memory>
#include <utility>

#include "base/handle_table.h"

namespace cim::capi {

/// The kind of object that a handle refers to; never 0.
enum class HandleKind : std::uint8_t {
  kImageWriter = 1,
  kStreamWriter = 2,
  kImage = 3,
  kStream = 4,
  kListing = 5,
  kHive = 6,
  kHiveKey = 7,
};

/// Returns the table of this process. It is never destroyed, since a thread may be in a call when
/// the process ends.
inline HandleTable& handle_table() {
  static HandleTable& table = *std::make_unique<HandleTable>().release();
  return table;
}

// The handle types in cimfs.h point to nothing. These are the casts between them and the table. T
// is a class with a constant kKind.

template <typename T, typename Handle>
Handle open_handle(std::shared_ptr<T> object) {
  const auto kind = static_cast<unsigned>(T::kKind);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number in a pointer type.
  return reinterpret_cast<Handle>(handle_table().add(std::move(object), kind));
}

template <typename T, typename Handle>
std::shared_ptr<T> find_handle(Handle handle) {
  const auto number = reinterpret_cast<std::uintptr_t>(handle);
  return std::static_pointer_cast<T>(handle_table().find(number, static_cast<unsigned>(T::kKind)));
}

template <typename T, typename Handle>
std::shared_ptr<T> take_handle(Handle handle) {
  const auto number = reinterpret_cast<std::uintptr_t>(handle);
  return std::static_pointer_cast<T>(
      handle_table().remove(number, static_cast<unsigned>(T::kKind)));
}

}  // namespace cim::capi
