// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A hive as a boot configuration store: its objects, their elements, and where they are in the
// hive.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cimlib/guid.h"
#include "cimlib/hive.h"

namespace cim::bcd {

/// Element types: class (4 bits), format (4 bits), subtype.
namespace element {
inline constexpr std::uint32_t kDevice = 0x11000001;
inline constexpr std::uint32_t kPath = 0x12000002;
inline constexpr std::uint32_t kDescription = 0x12000004;
inline constexpr std::uint32_t kRestartOnFailure = 0x16000053;
inline constexpr std::uint32_t kOsDevice = 0x21000001;
inline constexpr std::uint32_t kSystemRoot = 0x22000002;
inline constexpr std::uint32_t kDefaultObject = 0x23000003;
// These four have a single public source (U3).
inline constexpr std::uint32_t kPrimaryDevice = 0x3100000E;
inline constexpr std::uint32_t kSecondaryDevice = 0x3100000F;
inline constexpr std::uint32_t kCimRootDirectory = 0x32000011;  // the image, not a directory
inline constexpr std::uint32_t kCimParentDevice = 0x31000012;
}  // namespace element

/// Object types.
inline constexpr std::uint32_t kOsLoader = 0x10200003;
inline constexpr std::uint32_t kDeviceOptions = 0x30000000;

/// Objects that every store has, and those for booting from a CIM.
const Guid& boot_manager() noexcept;
/// Stands for the entry that boots by default; is never an object itself.
const Guid& default_entry_alias() noexcept;
const Guid& cim_options() noexcept;
const Guid& composite_options() noexcept;

/// Returns "{…}", the form in keys and values.
std::string braced(const Guid& guid);

/// Return paths of keys: "Objects\{…}", "Objects\{…}\Elements\12000002".
std::string object_path(const Guid& object);
std::string element_path(const Guid& object, std::uint32_t element);

/// Returns eight lower-case hexadecimal digits.
std::string element_name(std::uint32_t element);

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
