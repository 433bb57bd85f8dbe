// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Names of keys and values as a hive stores them: one byte per unit if every unit fits (Latin-1),
// else UTF-16LE. Comparison and hashes do not depend on the form. Also paths of names, as callers
// write them.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace cim::registry {

/// A view of a name; does not own the bytes.
class Name {
 public:
  Name() noexcept = default;
  Name(ByteView stored, bool compressed) noexcept : stored_(stored), compressed_(compressed) {}

  ByteView stored() const noexcept { return stored_; }
  bool compressed() const noexcept { return compressed_; }
  std::size_t units() const noexcept { return compressed_ ? stored_.size() : stored_.size() / 2; }
  bool empty() const noexcept { return stored_.empty(); }
  /// Returns the size of the name in UTF-16, in bytes.
  std::uint32_t utf16_size() const noexcept { return static_cast<std::uint32_t>(2 * units()); }

  char16_t operator[](std::size_t i) const noexcept {
    if (compressed_) {
      return std::to_integer<char16_t>(stored_[i]);
    }
    return static_cast<char16_t>(std::to_integer<unsigned>(stored_[2 * i]) |
                                 std::to_integer<unsigned>(stored_[2 * i + 1]) << 8);
  }

  bool contains(char16_t unit) const noexcept;
  /// Returns true if every unit fits in one byte.
  bool compressible() const noexcept;

  std::u16string to_utf16() const;
  std::string to_wtf8() const;

 private:
  ByteView stored_;
  bool compressed_ = true;
};

/// Compares in the order of subkeys: unit by unit in upper case, a prefix before the longer name.
/// Equal means the same name.
std::strong_ordering compare(const Name& a, const Name& b) noexcept;
/// Returns true if both have the same spelling, including case.
bool same_spelling(const Name& a, const Name& b) noexcept;

/// Returns the hash that an "lh" list stores.
std::uint32_t hash_of(const Name& name) noexcept;
/// Returns the hint that an "lf" list stores, as the number formed by its four bytes.
std::uint32_t hint_of(const Name& name) noexcept;

/// A name that owns its bytes, in the shorter form.
class NameBuffer {
 public:
  NameBuffer() = default;
  explicit NameBuffer(std::u16string_view name);
  /// Also recodes a name that is stored in UTF-16 unnecessarily.
  explicit NameBuffer(const Name& name);

  Name name() const noexcept { return {stored_, compressed_}; }

 private:
  Bytes stored_;
  bool compressed_ = true;
};

/// Returns the names in a path such as "A\B"; none for an empty path. Leading and trailing
/// backslashes are ignored.
std::vector<std::string_view> split_path(std::string_view path);

/// Returns a name in UTF-16. Throws kInvalidArgument if it is not WTF-8.
std::u16string utf16_name(std::string_view name);

}  // namespace cim::registry
