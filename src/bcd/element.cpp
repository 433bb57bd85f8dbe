// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "bcd/element.h"

#include <string_view>

#include <fmt/format.h>

namespace cim::bcd {
namespace {

// Only for the constants below, which are valid GUIDs.
Guid known(std::string_view text) {
  return Guid::parse(text).value_or(Guid{});
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

}  // namespace cim::bcd
