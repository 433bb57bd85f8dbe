// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Interprets a hive as a boot configuration store.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cimlib/guid.h"
#include "cimlib/hive.h"

namespace cim::bcd {

/// Holds references to the hive and to the subject, which names it in errors; both must outlive it.
class Store {
 public:
  /// Throws kCorrupt if the hive has no description or no objects.
  Store(const registry::Hive& hive, const std::string& subject);

  /// Returns the loader that the boot manager names as the default entry. Throws kCorrupt if it is
  /// not a loader with elements; there is no fallback.
  Guid default_entry() const;

  bool has_object(const Guid& object) const;
  /// Throws kCorrupt if the object has no type.
  std::uint32_t object_type(const Guid& object) const;

  /// Returns the element's value, of the type that its format requires. nullopt if the object has
  /// no such element; throws kCorrupt if the element has another form.
  std::optional<registry::Value> element(const Guid& object, std::uint32_t element) const;
  /// Returns the names of an object's elements, in order.
  std::vector<std::string> element_names(const Guid& object) const;

 private:
  [[noreturn]] void fail(std::string reason) const;

  const registry::Hive& hive_;
  const std::string& subject_;
};

/// Returns the registry type in which an element is stored, from its format.
std::uint32_t value_type_of(std::uint32_t element) noexcept;

}  // namespace cim::bcd
