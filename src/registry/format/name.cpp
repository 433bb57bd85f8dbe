// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Most names are stored in one byte per unit; comparing and hashing them unit by unit avoids
// converting them to UTF-16 for each step of a search.
#include "registry/format/name.h"

#include <algorithm>
#include <utility>

#include "cimlib/error.h"

#include "base/upcase.h"
#include "base/utf16.h"

namespace cim::registry {

bool Name::contains(char16_t unit) const noexcept {
  if (compressed_) {
    return unit <= 0xFF && as_text(stored_).find(static_cast<char>(unit)) != std::string_view::npos;
  }
  for (std::size_t i = 0; i < units(); ++i) {
    if ((*this)[i] == unit) {
      return true;
    }
  }
  return false;
}

bool Name::compressible() const noexcept {
  if (compressed_) {
    return true;
  }
  for (std::size_t i = 0; i < units(); ++i) {
    if ((*this)[i] > 0xFF) {
      return false;
    }
  }
  return true;
}

std::u16string Name::to_utf16() const {
  std::u16string text(units(), u'\0');
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[i] = (*this)[i];
  }
  return text;
}

std::string Name::to_wtf8() const {
  const auto is_ascii = [](std::byte byte) { return byte < std::byte{0x80}; };
  if (compressed_ && std::all_of(stored_.begin(), stored_.end(), is_ascii)) {
    return std::string(as_text(stored_));
  }
  return cim::to_wtf8(to_utf16());
}

std::strong_ordering compare(const Name& a, const Name& b) noexcept {
  const auto& upper = upcase_table();
  const std::size_t common = std::min(a.units(), b.units());
  for (std::size_t i = 0; i < common; ++i) {
    const char16_t unit_a = a[i];
    const char16_t unit_b = b[i];
    if (unit_a != unit_b && upper[unit_a] != upper[unit_b]) {
      return upper[unit_a] <=> upper[unit_b];
    }
  }
  return a.units() <=> b.units();
}

bool same_spelling(const Name& a, const Name& b) noexcept {
  if (a.units() != b.units()) {
    return false;
  }
  for (std::size_t i = 0; i < a.units(); ++i) {
    if (a[i] != b[i]) {
      return false;
    }
  }
  return true;
}

std::uint32_t hash_of(const Name& name) noexcept {
  const auto& upper = upcase_table();
  std::uint32_t hash = 0;
  for (std::size_t i = 0; i < name.units(); ++i) {
    hash = hash * 37 + upper[name[i]];
  }
  return hash;
}

std::uint32_t hint_of(const Name& name) noexcept {
  std::uint32_t hint = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(4, name.units()); ++i) {
    if (name[i] > 0xFF) {
      return 0;
    }
    hint |= static_cast<std::uint32_t>(name[i]) << (8 * i);
  }
  return hint;
}

NameBuffer::NameBuffer(std::u16string_view name)
    : compressed_(
          std::all_of(name.begin(), name.end(), [](char16_t unit) { return unit <= 0xFF; })) {
  if (!compressed_) {
    append_utf16_le(stored_, name);
    return;
  }
  stored_.reserve(name.size());
  for (const char16_t unit : name) {
    stored_.push_back(static_cast<std::byte>(unit));
  }
}

NameBuffer::NameBuffer(const Name& name) : NameBuffer(name.to_utf16()) {}

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> names;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('\\'), path.size());
    if (end > 0) {
      names.push_back(path.substr(0, end));
    }
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return names;
}

std::u16string utf16_name(std::string_view name) {
  auto units = to_utf16(name);
  if (!units) {
    throw Error(ErrorCode::kInvalidArgument, std::string(name), "not well-formed UTF-16");
  }
  return *std::move(units);
}

}  // namespace cim::registry
