// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A hive looked at as a boot configuration store.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cimlib/guid.h"
#include "cimlib/hive.h"

namespace cim::bcd {

/// Refers to the hive and to the subject, which names it in errors; both must outlive it.
class Store {
 public:
  /// Throws kCorrupt without a description and objects.
  Store(const registry::Hive& hive, const std::string& subject);

  /// The loader that boots by default, which the boot manager names. Throws kCorrupt if that leads
  /// to no loader with elements; nothing else is taken in its place.
  Guid default_entry() const;

  bool has_object(const Guid& object) const;
  /// Throws kCorrupt for an object without a type.
  std::uint32_t object_type(const Guid& object) const;

  /// Its value, of the type that its format has. Nothing if the object has no such element; throws
  /// kCorrupt for an element of another form.
  std::optional<registry::Value> element(const Guid& object, std::uint32_t element) const;
  /// Names of an object's elements, in order.
  std::vector<std::string> element_names(const Guid& object) const;

 private:
  [[noreturn]] void fail(std::string reason) const;

  const registry::Hive& hive_;
  const std::string& subject_;
};

/// The type of the value in which an element is kept, by its format.
std::uint32_t value_type_of(std::uint32_t element) noexcept;

}  // namespace cim::bcd
