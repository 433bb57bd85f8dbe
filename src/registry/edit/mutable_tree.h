// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A hive that can be changed: a tree of keys. Only keys that the caller opens are decoded from the
// source's bytes; all others are copied unchanged when the hive is written.

#include <compare>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cimlib/filetime.h"
#include "cimlib/hive.h"

#include "base/bytes.h"
#include "registry/edit/index_cursor.h"
#include "registry/format/cell_views.h"
#include "registry/format/name.h"
#include "registry/read/hive_data.h"
#include "registry/write/hive_builder.h"

namespace cim::registry {

class SubtreeCopier;

/// A value with its own name and data.
struct MutableValue {
  std::u16string name;
  std::uint32_t type = kRegNone;
  Bytes data;
  bool tombstone = false;
};

/// The attributes of a key besides its values and subkeys.
struct MutableAttributes {
  FileTime time;
  std::uint16_t flags = 0;  ///< bits of kKeyKeptFlags
  std::uint8_t layer = 0;   ///< as stored: semantics and kLayerInheritClass
  std::uint8_t control = 0;
  std::uint8_t debug = 0;
  Bytes class_name;  ///< UTF-16LE
  std::shared_ptr<const Bytes> descriptor;
};

/// A key that may still be only a view of the source ("not open"). Its address does not change. All
/// functions open it, except those that are const.
class MutableKey {
 public:
  /// `parent` is null for a root.
  MutableKey(std::u16string_view name, MutableAttributes attributes, MutableKey* parent);
  MutableKey(const KeyView& source, MutableKey* parent);
  MutableKey(const MutableKey&) = delete;
  MutableKey& operator=(const MutableKey&) = delete;
  ~MutableKey() = default;

  /// The name is valid until the key is opened or renamed.
  Name name() const { return open_ ? own_name_.name() : source_->name(); }
  FileTime time() const { return open_ ? attributes_.time : source_->time(); }
  /// Returns UTF-16LE; empty if the key has no class.
  ByteView class_name() const { return open_ ? attributes_.class_name : source_->class_name(); }
  /// Returns null for the root.
  MutableKey* parent() const noexcept { return parent_; }
  /// Throws kLimit if `levels` more levels of keys below this one would be too many.
  void check_depth_below(std::size_t levels) const;

  MutableAttributes& attributes();
  /// Returns nullptr if there is no subkey of that name.
  MutableKey* find_subkey(std::u16string_view name);
  std::size_t subkey_count();
  /// Returns the subkey at an index below subkey_count(), in sorted order. Visiting all in order,
  /// forward or backward, takes time in proportion to their number.
  MutableKey& subkey_at(std::size_t index);
  /// Inserts a key into the sorted subkeys. Throws kExists if the name is taken, kInvalidArgument
  /// if it is not a valid key name, kLimit if it would be too deep.
  MutableKey& add_subkey(std::u16string_view name, MutableAttributes attributes);
  /// Removes a subkey with everything below it; returns true if it existed.
  bool remove_subkey(std::u16string_view name);
  /// Renames a key that is not a root. Throws kExists if another subkey of its parent has that
  /// name, kInvalidArgument if it is not a valid key name.
  void rename(std::u16string_view name);

  std::size_t value_count();
  /// Returns the value at an index below value_count(); as efficient as subkey_at().
  const MutableValue& value_at(std::size_t index);
  /// Returns nullptr if there is no value of that name.
  const MutableValue* value(std::u16string_view name);
  /// Appends a value, even if another has the same name.
  void add_value(MutableValue value);
  /// Replaces the value of that name, or appends one.
  void set_value(MutableValue value);
  /// Removes the first value of that name; returns true if it existed.
  bool remove_value(std::u16string_view name);

  /// Writes the key and everything below it. Keys that are not open are copied by `source`.
  void write(HiveBuilder& builder, SubtreeCopier& source) const;

 private:
  struct ByName {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const noexcept {
      return std::is_lt(compare(name_of(a), name_of(b)));
    }
    static Name name_of(const Name& name) noexcept { return name; }
    static Name name_of(const std::unique_ptr<MutableKey>& key) noexcept { return key->name(); }
  };
  using Subkeys = std::set<std::unique_ptr<MutableKey>, ByName>;
  using Values = std::list<MutableValue>;
  struct IgnoringCase {
    bool operator()(std::u16string_view a, std::u16string_view b) const noexcept;
  };
  using ValueNames = std::multimap<std::u16string_view, Values::iterator, IgnoringCase>;

  void open();
  void decode(const KeyView& key);
  void append(MutableValue value);
  ValueNames::iterator find_value(std::u16string_view name);
  Subkeys::iterator find_subkey(const Name& name);
  void write_own(HiveBuilder& builder) const;

  std::optional<KeyView> source_;
  MutableKey* parent_;
  std::size_t depth_;  // 0 for a root
  bool open_ = false;
  MutableAttributes attributes_;
  NameBuffer own_name_;     // set when the key is open
  Values values_;           // in the order of the hive
  ValueNames value_names_;  // views of the names in values_
  Subkeys subkeys_;
  IndexCursor<Subkeys> subkey_cursor_;
  IndexCursor<Values> value_cursor_;
};

/// Returns the descriptor that offreg gives the root of a new hive: full access for SYSTEM and
/// Administrators, read access for Everyone and Restricted.
ByteView default_root_descriptor() noexcept;

/// Throws kInvalidArgument if a key cannot have this name.
void check_key_name(std::u16string_view name);

/// A whole hive as a mutable tree.
class MutableTree {
 public:
  /// Creates a root of that name, without values or subkeys.
  explicit MutableTree(std::u16string_view root_name, FileTime time = {});
  /// Starts from an existing hive, and shares ownership of its data.
  explicit MutableTree(std::shared_ptr<const HiveData> source);

  MutableKey& root() noexcept { return *root_; }

  /// `path` has the meaning that it has for Hive::find.
  MutableKey* find(std::span<const std::u16string> path);

  Bytes to_bytes(BuildOptions options) const { return to_bytes(std::move(options), *root_); }
  /// Writes a hive whose root is `key`, one of this tree's keys.
  static Bytes to_bytes(BuildOptions options, const MutableKey& key);

 private:
  std::shared_ptr<const HiveData> source_;
  std::unique_ptr<MutableKey> root_;
};

}  // namespace cim::registry
