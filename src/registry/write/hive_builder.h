// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes a hive in one pass from keys given in order, laid out as Windows does: small bins, sorted
// lists, one cell for each distinct descriptor.
//
//   builder.begin_key(root);          // the root, then each key inside its parent
//   builder.add_value(value);         // values before subkeys
//   builder.begin_key(child); ... builder.end_key();
//   builder.end_key();
//   Bytes file = builder.finish();
//
// Equal calls produce equal bytes.

#include <cstdint>
#include <string>
#include <vector>

#include "cimlib/filetime.h"

#include "base/bytes.h"
#include "os/seeded_hash.h"
#include "registry/format/cell_views.h"
#include "registry/format/cells.h"
#include "registry/format/name.h"
#include "registry/write/cell_writer.h"

namespace cim::registry {

/// How a hive is written.
struct BuildOptions {
  std::string subject;  ///< the hive's name in errors
  std::uint32_t minor_version = 5;
  /// True to keep layer bytes and tombstone values, and to declare layers in the base block.
  bool layered = false;
  FileTime last_written;
  std::u16string file_name;  ///< stored in the base block; only the end of it if it is too long
  std::size_t expected_size = 0;
};

/// A key as it is to be stored; the views are read only during the call.
struct KeyContent {
  Name name;
  FileTime time;
  std::uint16_t flags = 0;  ///< only the bits of kKeyKeptFlags are kept
  std::uint8_t layer = 0;
  std::uint8_t control = 0;
  std::uint8_t debug = 0;
  ByteView class_name;  ///< UTF-16LE; empty for no class
  DescriptorId descriptor{};
};

/// A value as it is to be stored.
struct ValueContent {
  Name name;
  std::uint32_t type = 0;
  DataView data;
  bool tombstone = false;
};

/// Builds one hive. Calls must be in the order above; what Windows limits is checked.
class HiveBuilder {
 public:
  explicit HiveBuilder(BuildOptions options);

  /// Returns the id by which keys refer to the descriptor; equal bytes have the same id.
  DescriptorId descriptor(ByteView bytes) { return descriptors_.find(bytes); }

  /// Subkeys must be given in ascending order. Throws kLimit if the format cannot store the key.
  void begin_key(const KeyContent& key);
  void add_value(const ValueContent& value);
  void end_key();

  std::uint64_t keys() const noexcept { return keys_; }
  std::uint64_t values() const noexcept { return values_; }

  /// Returns the whole file. The root must have been ended.
  Bytes finish();

 private:
  /// A key that was begun and not yet ended.
  struct Frame {
    std::uint32_t pointer;
    std::size_t first_child;  // index in children_
    std::uint32_t largest_subkey_name;
    std::uint32_t largest_subkey_class;
    std::uint32_t largest_value_name;
    std::uint32_t largest_value_data;
  };

  Name shortest(const Name& name);
  void check_key(const KeyContent& key, const Name& name) const;
  std::uint32_t write_class(ByteView name);
  void note_in_parent(std::uint32_t pointer, const KeyContent& key, const Name& name);
  void finish_values();
  BaseBlock base_block(std::uint32_t bins_size) const;

  BuildOptions options_;
  CellWriter cells_;
  DescriptorPool descriptors_;
  std::vector<Frame> frames_;
  std::vector<SubkeyEntry> children_;          // of all open keys
  std::vector<std::uint32_t> value_pointers_;  // of the innermost open key
  bool values_open_ = false;
  NameBuffer recoded_name_;
  std::uint32_t root_ = kNil;
  std::uint64_t keys_ = 0;
  std::uint64_t values_ = 0;
};

/// Copies keys from a hive into a builder without decoding them. From one source to one builder;
/// remembers which descriptor cells it has already passed on.
class SubtreeCopier {
 public:
  explicit SubtreeCopier(HiveBuilder& builder) : builder_(builder) {}

  /// Returns the key's own attributes as the source has them, without its values and subkeys.
  KeyContent content_of(const KeyView& key);
  DescriptorId descriptor_of(const KeyView& key);

  static ValueContent content_of(const ValueView& value);

  /// Copies the key with its values and everything below it, including layer bits.
  void copy(const KeyView& key);
  void copy_values(const KeyView& key);

 private:
  HiveBuilder& builder_;
  SeededMap<std::uint32_t, DescriptorId> descriptors_;
  std::uint32_t last_pointer_ = kNil;
  DescriptorId last_id_{};
};

}  // namespace cim::registry
