// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// In a hive, an object is the key Objects\{GUID} with a subkey Description that has its type, and
// a subkey Elements with one subkey for each element, named by its type, whose value "Element" has
// the data.
#include "bcd/store.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

namespace cim::bcd {
namespace {

// Only for the constants below, which are valid GUIDs.
Guid known(std::string_view text) {
  return Guid::parse(text).value_or(Guid{});
}

constexpr std::string_view kValueName = "Element";

std::optional<Guid> braced_guid(const std::string& text) {
  // Some programs write more than one NUL at the end.
  const std::string cut = text.substr(0, text.find('\0'));
  return cut.starts_with('{') ? Guid::parse(cut) : std::nullopt;
}

}  // namespace

const Guid& boot_manager() noexcept {
  static const Guid guid = known("9dea862c-5cdd-4e70-acc1-f32b344d4795");
  return guid;
}
const Guid& default_entry_alias() noexcept {
  static const Guid guid = known("1cae1eb7-a0df-4d4d-9851-4860e34ef535");
  return guid;
}
const Guid& cim_options() noexcept {
  static const Guid guid = known("763e9fea-502d-434f-aad9-5fabe9c91a7b");
  return guid;
}
const Guid& composite_options() noexcept {
  static const Guid guid = known("e1787220-d17f-49e7-977a-d8fe4c8537e2");
  return guid;
}

std::string braced(const Guid& guid) {
  return "{" + guid.to_string() + "}";
}

std::string object_path(const Guid& object) {
  return "Objects\\" + braced(object);
}

std::string element_path(const Guid& object, std::uint32_t element) {
  return object_path(object) + "\\Elements\\" + element_name(element);
}

std::string element_name(std::uint32_t element) {
  return fmt::format("{:08x}", element);
}

std::uint32_t value_type_of(std::uint32_t element) noexcept {
  switch (element >> 24 & 0xF) {
    case 2:  // string
    case 3:  // object
      return registry::kRegSz;
    case 4:  // list of objects
      return registry::kRegMultiSz;
    default:  // device, integers, boolean, binary
      return registry::kRegBinary;
  }
}

Store::Store(const registry::Hive& hive, const std::string& subject)
    : hive_(hive), subject_(subject) {
  for (const std::string_view key : {"Description", "Objects"}) {
    if (!hive_.find(key)) {
      fail(fmt::format("not a boot configuration store: it has no key \"{}\"", key));
    }
  }
}

// The alias of the default entry is refused, because it stands for what this function looks up.
Guid Store::default_entry() const {
  if (!has_object(boot_manager())) {
    fail("the store has no boot manager");
  }
  const auto value = element(boot_manager(), element::kDefaultObject);
  if (!value) {
    fail("the boot manager names no default entry");
  }
  const auto entry = braced_guid(value->text().value_or(""));
  if (!entry || *entry == default_entry_alias()) {
    fail("what the boot manager names as the default entry is not an object");
  }
  if (!has_object(*entry)) {
    fail(fmt::format("the default entry {} does not exist", braced(*entry)));
  }
  if (object_type(*entry) != kOsLoader) {
    fail(fmt::format("the default entry {} has type {:08x}, which is not a Windows loader",
                     braced(*entry), object_type(*entry)));
  }
  if (!hive_.find(object_path(*entry) + "\\Elements")) {
    fail(fmt::format("the default entry {} has no elements", braced(*entry)));
  }
  return *entry;
}

bool Store::has_object(const Guid& object) const {
  return hive_.find(object_path(object)).has_value();
}

std::uint32_t Store::object_type(const Guid& object) const {
  const auto description = hive_.find(object_path(object) + "\\Description");
  const auto value = description ? description->value("Type") : std::nullopt;
  const auto type = value ? value->dword() : std::nullopt;
  if (!type) {
    fail(fmt::format("the object {} has no type", braced(object)));
  }
  return *type;
}

std::optional<registry::Value> Store::element(const Guid& object, std::uint32_t element) const {
  const auto key = hive_.find(element_path(object, element));
  if (!key) {
    return std::nullopt;
  }
  auto value = key->value(kValueName);
  if (!value || key->values().size() != 1 || value->type() != value_type_of(element)) {
    fail(fmt::format("element {} of the object {} is not one value of its type",
                     element_name(element), braced(object)));
  }
  return value;
}

std::vector<std::string> Store::element_names(const Guid& object) const {
  std::vector<std::string> names;
  if (const auto elements = hive_.find(object_path(object) + "\\Elements")) {
    for (const registry::Key element : elements->subkeys()) {
      names.push_back(element.name());
    }
  }
  return names;
}

void Store::fail(std::string reason) const {
  throw Error(ErrorCode::kCorrupt, subject_, std::move(reason));
}

}  // namespace cim::bcd
