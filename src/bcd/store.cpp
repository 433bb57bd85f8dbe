// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "bcd/store.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "bcd/element.h"

namespace cim::bcd {
namespace {

constexpr std::string_view kValueName = "Element";

std::optional<Guid> braced_guid(const std::string& text) {
  // Some programs write more than one NUL at the end.
  const std::string cut = text.substr(0, text.find('\0'));
  return cut.starts_with('{') ? Guid::parse(cut) : std::nullopt;
}

}  // namespace

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
