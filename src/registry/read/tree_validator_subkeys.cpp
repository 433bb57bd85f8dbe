// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Lists of subkeys: one leaf, or a list of leaves. All leaves together must be sorted by name and
// have as many entries as the key says; binary searches rely on it.
#include <algorithm>
#include <compare>
#include <optional>

#include <fmt/format.h>

#include "registry/read/tree_validator.h"

namespace cim::registry {

/// Walks all subkeys of a key and compares their number with the one in its record.
void TreeValidator::walk_subkeys(std::uint32_t pointer, const KeyRecord& record, Longest& longest) {
  if (record.subkey_count == 0) {
    if (record.subkey_list != kNil) {
      find(Severity::kNote, pointer, "a list of subkeys, but no subkeys");
    }
    return;
  }
  SubkeyWalk walk{&longest, 0, std::nullopt};
  if (record.subkey_list == kNil) {
    damage(pointer,
           fmt::format("{} subkeys, but no list of them", std::uint32_t{record.subkey_count}));
    return;
  }
  walk_list(record.subkey_list, pointer, walk);
  if (walk.count != record.subkey_count) {
    damage(pointer, fmt::format("{} subkeys, but their lists have {}",
                                std::uint32_t{record.subkey_count}, walk.count));
  }
}

void TreeValidator::walk_list(std::uint32_t pointer, std::uint32_t from, SubkeyWalk& walk) {
  const auto data = use_cell(pointer, from, "a list of subkeys");
  if (!data) {
    return;
  }
  // A cell's data has at least four bytes, so the header is present.
  if (load<Signature2>(*data, 0) == kIndexRootSignature) {
    walk_index_root(pointer, *data, walk);
  } else {
    walk_leaf(pointer, *data, walk);
  }
}

/// A list of lists has leaves only: Windows never nests them further.
void TreeValidator::walk_index_root(std::uint32_t pointer, ByteView data, SubkeyWalk& walk) {
  const auto header = load<ListHeader>(data, 0);
  if (header.count == 0) {
    damage(pointer, "an empty list of lists of subkeys");
  }
  if (header.count > (data.size() - sizeof(ListHeader)) / sizeof(Le32)) {
    damage(pointer, fmt::format("a list of {} lists of subkeys in a cell of {} bytes",
                                std::uint32_t{header.count}, data.size()));
    return;
  }
  for (std::uint32_t i = 0; i < header.count; ++i) {
    const std::uint32_t leaf = load<Le32>(data, sizeof(ListHeader) + 4 * std::size_t{i});
    const auto leaf_data = use_cell(leaf, pointer, "a list of subkeys");
    if (!leaf_data) {
      continue;
    }
    if (load<Signature2>(*leaf_data, 0) == kIndexRootSignature) {
      damage(leaf, "a list of lists of subkeys inside another");
      continue;
    }
    walk_leaf(leaf, *leaf_data, walk);
  }
}

/// The three kinds of leaves differ in what they store with each key: nothing, a hint or a hash.
void TreeValidator::walk_leaf(std::uint32_t pointer, ByteView data, SubkeyWalk& walk) {
  const auto header = load<ListHeader>(data, 0);
  const bool index = header.signature == kIndexLeafSignature;
  if (!index && header.signature != kFastLeafSignature && header.signature != kHashLeafSignature) {
    damage(pointer, "a list of subkeys of unknown type");
    return;
  }
  const std::size_t stride = index ? sizeof(Le32) : sizeof(HashLeafEntry);
  if (header.count == 0) {
    damage(pointer, "an empty list of subkeys");
  }
  if (header.count > (data.size() - sizeof(ListHeader)) / stride) {
    damage(pointer, fmt::format("a list of {} subkeys in a cell of {} bytes",
                                std::uint32_t{header.count}, data.size()));
    return;
  }
  if (wants_notes_ && !is_leaf_full_size(header)) {
    find(Severity::kNote, pointer,
         fmt::format("a list of {} subkeys, which is more than Windows writes",
                     std::uint32_t{header.count}));
  }
  walk.count += header.count;
  for (std::uint32_t i = 0; i < header.count; ++i) {
    const std::size_t at = sizeof(ListHeader) + i * stride;
    std::optional<std::uint32_t> hash;
    if (!index && wants_warnings_) {
      hash = load<Le32>(data, at + sizeof(Le32));
    }
    walk_subkey(pointer, load<Le32>(data, at), hash, walk);
  }
}

/// Returns true if the leaf is within the 4 KiB to which Windows limits leaves.
bool TreeValidator::is_leaf_full_size(const ListHeader& header) const {
  const bool index = header.signature == kIndexLeafSignature;
  return header.count <= (index ? kMaxIndexLeafEntries : kMaxHashLeafEntries);
}

/// Checks a key against its entry and its neighbour in the list, then everything below it.
void TreeValidator::walk_subkey(std::uint32_t leaf, std::uint32_t key,
                                std::optional<std::uint32_t> hash, SubkeyWalk& walk) {
  const auto head = open_key(key, leaf);
  if (!head) {
    return;
  }
  if (hash) {
    check_hash(leaf, load<Signature2>(space_.bins, leaf + kCellHeaderSize), *hash, head->name);
  }
  check_order(key, head->name, walk);
  walk.longest->subkey_name = std::max(walk.longest->subkey_name, head->name.utf16_size());
  walk.longest->subkey_class =
      std::max<std::uint32_t>(walk.longest->subkey_class, head->record.class_size);
  walk_key(key, *head);
}

/// A wrong hash hides a key from Windows, which searches by hash, but not from this library.
void TreeValidator::check_hash(std::uint32_t leaf, const Signature2& signature, std::uint32_t hash,
                               const Name& name) {
  const std::uint32_t due = signature == kHashLeafSignature ? hash_of(name) : hint_of(name);
  if (hash != due) {
    find(Severity::kWarning, leaf,
         fmt::format("the {} of '{}' is {:#010x} in its list, expected {:#010x}",
                     signature == kHashLeafSignature ? "hash" : "hint", name.to_wtf8(), hash, due));
  }
}

/// The order is that of upper-case names; two equal ones are two keys of one name.
void TreeValidator::check_order(std::uint32_t pointer, const Name& name, SubkeyWalk& walk) {
  if (walk.previous) {
    const auto order = compare(*walk.previous, name);
    if (std::is_gt(order)) {
      damage(pointer, fmt::format("subkeys out of order: '{}' before '{}'",
                                  walk.previous->to_wtf8(), name.to_wtf8()));
    } else if (std::is_eq(order)) {
      damage(pointer, fmt::format("two subkeys named '{}'", name.to_wtf8()));
    }
  }
  walk.previous = name;
}

}  // namespace cim::registry
