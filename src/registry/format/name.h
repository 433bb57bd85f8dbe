// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Names of keys and values as a hive holds them: one byte per unit where every unit fits (Latin-1),
// else UTF-16LE. Comparison and hashes are the same for both forms.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cim::registry {

/// A name in someone else's bytes.
class Name {
 public:
  Name() noexcept = default;
  Name(ByteView stored, bool compressed) noexcept : stored_(stored), compressed_(compressed) {}

  ByteView stored() const noexcept { return stored_; }
  bool compressed() const noexcept { return compressed_; }
  std::size_t units() const noexcept { return compressed_ ? stored_.size() : stored_.size() / 2; }
  bool empty() const noexcept { return stored_.empty(); }
  /// How many bytes it would take in UTF-16.
  std::uint32_t utf16_size() const noexcept { return static_cast<std::uint32_t>(2 * units()); }

  char16_t operator[](std::size_t i) const noexcept {
    if (compressed_) {
      return std::to_integer<char16_t>(stored_[i]);
    }
    return static_cast<char16_t>(std::to_integer<unsigned>(stored_[2 * i]) |
                                 std::to_integer<unsigned>(stored_[2 * i + 1]) << 8);
  }

  bool contains(char16_t unit) const noexcept;
  /// Whether one byte per unit would do.
  bool compressible() const noexcept;

  std::u16string to_utf16() const;
  std::string to_wtf8() const;

 private:
  ByteView stored_;
  bool compressed_ = true;
};

/// The order of subkeys: unit by unit in upper case, a beginning before the whole. Equal is the
/// same name.
std::strong_ordering compare(const Name& a, const Name& b) noexcept;
/// Whether both are spelled alike, letter case included.
bool same_spelling(const Name& a, const Name& b) noexcept;

/// The hash of an "lh" list.
std::uint32_t hash_of(const Name& name) noexcept;
/// The hint of an "lf" list, as the number that its four bytes make.
std::uint32_t hint_of(const Name& name) noexcept;

/// A name of its own, in the shorter form.
class NameBuffer {
 public:
  NameBuffer() = default;
  explicit NameBuffer(std::u16string_view name);
  /// Recodes a name that is stored at full width without need.
  explicit NameBuffer(const Name& name);

  Name name() const noexcept { return {stored_, compressed_}; }

 private:
  Bytes stored_;
  bool compressed_ = true;
};

}  // namespace cim::registry
