// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Small hives for tests: built from a tree in the test, and damaged at chosen offsets.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/hive.h"

#include "base/bytes.h"
#include "registry/edit/mutable_tree.h"
#include "registry/format/cells.h"

namespace cim::test {

/// Returns the data of a text value, with its NUL.
Bytes text_data(std::u16string_view text);
/// Returns bytes that differ from offset to offset.
Bytes value_bytes(std::size_t size);
/// Returns the attributes of a new key.
registry::MutableAttributes plain_attributes();

/// Adds a key with plain attributes and these layer semantics.
registry::MutableKey& add_key(registry::MutableKey& parent, std::u16string_view name,
                              std::uint8_t layer = 0);
/// Returns a hive, or a delta hive, whose root was filled by `fill`.
registry::Hive hive_with(const std::function<void(registry::MutableKey&)>& fill,
                         bool layered = false);

/// The bytes of a hive, and ways to damage them.
class HiveFile {
 public:
  explicit HiveFile(Bytes bytes) : bytes_(std::move(bytes)) {}
  /// `options` are those of HiveBuilder.
  explicit HiveFile(const registry::MutableTree& model, registry::BuildOptions options = {})
      : bytes_(model.to_bytes(std::move(options))) {}

  Bytes& bytes() noexcept { return bytes_; }
  const Bytes& bytes() const noexcept { return bytes_; }

  /// Return the offset of the signature of the first record of a key or value with that name.
  std::size_t key(std::string_view name) const { return named(registry::kKeySignature, name, 76); }
  std::size_t value(std::string_view name) const {
    return named(registry::kValueSignature, name, 20);
  }
  /// Returns the offset of the signature of the n-th cell of a kind.
  std::size_t record(const registry::Signature2& signature, int n = 0) const;

  std::uint32_t u32(std::size_t offset) const;
  std::uint16_t u16(std::size_t offset) const;
  HiveFile& set_u32(std::size_t offset, std::uint32_t value);
  HiveFile& set_u16(std::size_t offset, std::uint16_t value);
  HiveFile& set_text(std::size_t offset, std::string_view text);

  /// Returns the offset of the record that the pointer at `offset` refers to.
  std::size_t follow(std::size_t offset) const;
  /// Returns the pointer that refers to a record.
  static std::uint32_t pointer_to(std::size_t record) {
    return static_cast<std::uint32_t>(record - registry::kBaseBlockSize -
                                      registry::kCellHeaderSize);
  }
  /// Marks the cell of a record as free.
  HiveFile& free_cell(std::size_t record);

  /// Corrects the base block's checksum.
  HiveFile& fix_checksum();

 private:
  std::optional<std::size_t> next_record(const registry::Signature2& signature,
                                         std::size_t from) const;
  std::size_t named(const registry::Signature2& signature, std::string_view name,
                    std::size_t name_offset) const;

  Bytes bytes_;
};

}  // namespace cim::test
