// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Validates everything below a hive's root, so that later reads need no checks: every pointer
// refers to an allocated cell, every cell is used once, every count is right, every record is
// complete.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "registry/format/cell_map.h"
#include "registry/format/cell_views.h"
#include "registry/format/cells.h"
#include "registry/format/finding.h"
#include "registry/format/name.h"

namespace cim::registry {

/// The results of the walk.
struct TreeFacts {
  std::uint64_t keys = 0;
  std::uint64_t values = 0;
  /// True if some key or value has layer bits that have a meaning, or would have one in a delta.
  bool has_layer_bits = false;
};

/// One walk over one hive. Faults are reported to the sink; if that returns, the walk continues
/// without the part concerned.
class TreeValidator {
 public:
  TreeValidator(const CellMap& cells, const CellSpace& space, FindingSink& sink);

  TreeFacts run(std::uint32_t root);

  /// Returns true if the walk reached the cell.
  bool is_used(std::uint32_t pointer) const noexcept { return used_.contains(pointer); }
  /// Returns the descriptor cells, with the number of keys that point to each.
  const std::map<std::uint32_t, std::uint32_t>& descriptors() const noexcept {
    return descriptors_;
  }

 private:
  /// A key whose record and name are valid.
  struct KeyHead {
    KeyRecord record;
    Name name;
  };
  static constexpr std::size_t kNoSupersedingKey = kMaxDepth + 1;
  /// The maxima over a key's subkeys and values, which its record should contain.
  struct Longest {
    std::uint32_t subkey_name = 0;
    std::uint32_t subkey_class = 0;
    std::uint32_t value_name = 0;
    std::uint32_t value_data = 0;
  };
  /// The progress through the subkeys of one key, across all its leaves.
  struct SubkeyWalk {
    Longest* longest;
    std::uint32_t count = 0;
    std::optional<Name> previous;
  };

  void find(Severity severity, std::uint32_t pointer, std::string text);
  void damage(std::uint32_t pointer, std::string text) {
    find(Severity::kFault, pointer, std::move(text));
  }
  std::string path() const;

  std::optional<ByteView> use_cell(std::uint32_t pointer, std::uint32_t from,
                                   std::string_view what);
  /// Returns the cell's data if it contains a T with that signature.
  template <DiskStruct T>
  std::optional<ByteView> use_record(std::uint32_t pointer, std::uint32_t from,
                                     const Signature2& signature, std::string_view what) {
    return use_record(pointer, from, signature, sizeof(T), what);
  }
  std::optional<ByteView> use_record(std::uint32_t pointer, std::uint32_t from,
                                     const Signature2& signature, std::size_t size,
                                     std::string_view what);

  std::optional<KeyHead> open_key(std::uint32_t pointer, std::uint32_t from);
  bool check_key_name(std::uint32_t pointer, const KeyHead& head, ByteView data);
  bool check_key_flags(std::uint32_t pointer, std::uint16_t flags);
  void walk_key(std::uint32_t pointer, const KeyHead& head);
  void check_parent(std::uint32_t pointer, const KeyRecord& record);
  void check_class(std::uint32_t pointer, const KeyRecord& record);
  void check_longest(std::uint32_t pointer, const KeyRecord& record, const Longest& longest);
  void note_layer_bits(const KeyRecord& record);
  void check_layer(std::uint32_t pointer, const KeyRecord& record);

  void check_security(std::uint32_t pointer, std::uint32_t security);
  bool check_descriptor(std::uint32_t pointer, ByteView data);

  void walk_values(std::uint32_t pointer, const KeyRecord& record, Longest& longest);
  std::optional<Name> check_value(std::uint32_t pointer, std::uint32_t from, Longest& longest);
  bool check_value_name(std::uint32_t pointer, const ValueRecord& record, ByteView data);
  void check_value_data(std::uint32_t pointer, const ValueRecord& record);
  void check_plain_data(std::uint32_t pointer, const ValueRecord& record);
  void check_big_data(std::uint32_t pointer, const ValueRecord& record);
  void check_segment(std::uint32_t list, std::uint32_t segment, std::uint32_t needed);
  void check_duplicate_values(std::uint32_t pointer, std::vector<Name>& names);

  void walk_subkeys(std::uint32_t pointer, const KeyRecord& record, Longest& longest);
  void walk_list(std::uint32_t pointer, std::uint32_t from, SubkeyWalk& walk);
  void walk_index_root(std::uint32_t pointer, ByteView data, SubkeyWalk& walk);
  void walk_leaf(std::uint32_t pointer, ByteView data, SubkeyWalk& walk);
  void walk_subkey(std::uint32_t leaf, std::uint32_t key, std::optional<std::uint32_t> hash,
                   SubkeyWalk& walk);
  bool is_leaf_full_size(const ListHeader& header) const;
  void check_hash(std::uint32_t leaf, const Signature2& signature, std::uint32_t hash,
                  const Name& name);
  void check_order(std::uint32_t pointer, const Name& name, SubkeyWalk& walk);

  const CellMap& cells_;
  const CellSpace& space_;
  FindingSink& sink_;
  const bool wants_warnings_;
  const bool wants_notes_;
  CellSet used_;
  std::map<std::uint32_t, std::uint32_t> descriptors_;
  std::uint32_t last_security_ = kNil;
  std::uint32_t* last_security_count_ = nullptr;
  std::vector<std::uint32_t> open_keys_;  // from the root to the current key
  std::vector<Name> value_names_;
  std::size_t superseding_depth_ = kNoSupersedingKey;  // of the outermost one on the current path
  TreeFacts facts_;
};

}  // namespace cim::registry
