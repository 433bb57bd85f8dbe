// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Searches in subkey lists. A key with many subkeys has a list of leaves, each sorted, so a search
// first finds the leaf and then the entry.
#include "registry/format/cell_views.h"

#include <compare>

namespace cim::registry {
namespace {

/// The position of a name in a leaf, or the position at which it would be inserted: the index of an
/// entry, and whether that entry has the name.
struct LeafPosition {
  std::uint32_t index = 0;
  bool found = false;
};

// Searches by bisection: the hive was validated, so its lists are sorted.
LeafPosition search_leaf(const CellSpace& space, const LeafView& leaf, const Name& name) noexcept {
  std::uint32_t low = 0;
  std::uint32_t high = leaf.size();
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    const auto order = compare(KeyView(space, leaf.key_pointer(middle)).name(), name);
    if (std::is_eq(order)) {
      return {middle, true};
    }
    const bool before = std::is_lt(order);
    (before ? low : high) = before ? middle + 1 : middle;
  }
  return {low, false};
}

/// Returns the last list whose first name is not greater than `name`; the first list if all are
/// greater.
std::uint32_t leaf_for(const CellSpace& space, std::uint32_t root, const Name& name) noexcept {
  const auto header = load<ListHeader>(space.bins, root + kCellHeaderSize);
  std::uint32_t low = 0;
  std::uint32_t high = header.count;
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    const LeafView leaf(space.bins, leaf_of_index_root(space.bins, root, middle));
    const bool past = std::is_gt(compare(KeyView(space, leaf.key_pointer(0)).name(), name));
    (past ? high : low) = middle;
  }
  return leaf_of_index_root(space.bins, root, low);
}

std::uint32_t first_leaf(const KeyView& key) noexcept {
  const ByteView bins = key.space().bins;
  const std::uint32_t list = key.subkey_list();
  return is_index_root(bins, list) ? leaf_of_index_root(bins, list, 0) : list;
}

}  // namespace

Bytes DataView::copy() const {
  Bytes bytes;
  bytes.reserve(size_);
  for_each_piece([&bytes](ByteView piece) { append(bytes, piece); });
  return bytes;
}

DataView ValueView::data() const noexcept {
  const std::uint32_t size = this->size();
  if (size == 0) {
    return {};
  }
  if ((record_.data_size & kInlineData) != 0) {
    const std::size_t at = pointer_ + kCellHeaderSize + offsetof(ValueRecord, data);
    return DataView(space_->bins.subspan(at, size));
  }
  if (is_big_data(size, space_->minor_version)) {
    const auto big = load<BigDataRecord>(space_->bins, record_.data + kCellHeaderSize);
    return {space_->bins, big.segment_list, size};
  }
  return DataView(cell_data(space_->bins, record_.data).first(size));
}

LeafView::LeafView(ByteView bins, std::uint32_t pointer) noexcept {
  const auto header = load<ListHeader>(bins, pointer + kCellHeaderSize);
  stride_ = header.signature == kIndexLeafSignature ? sizeof(Le32) : sizeof(HashLeafEntry);
  count_ = header.count;
  entries_ = bins.subspan(pointer + kCellHeaderSize + sizeof(ListHeader), count_ * stride_);
}

bool is_index_root(ByteView bins, std::uint32_t pointer) noexcept {
  return load<ListHeader>(bins, pointer + kCellHeaderSize).signature == kIndexRootSignature;
}

SubkeyCursor::SubkeyCursor(const KeyView& key) noexcept
    : space_(&key.space()), remaining_(key.subkey_count()) {
  if (remaining_ == 0) {
    return;
  }
  leaf_ = LeafView(space_->bins, first_leaf(key));
  if (is_index_root(space_->bins, key.subkey_list())) {
    root_ = key.subkey_list();
  }
}

void SubkeyCursor::next() noexcept {
  ++index_;
  if (--remaining_ > 0 && index_ == leaf_.size()) {
    index_ = 0;
    leaf_ = LeafView(space_->bins, leaf_of_index_root(space_->bins, root_, ++root_index_));
  }
}

std::uint32_t find_subkey(const KeyView& key, const Name& name) noexcept {
  if (key.subkey_count() == 0) {
    return kNil;
  }
  const CellSpace& space = key.space();
  const std::uint32_t list = key.subkey_list();
  const LeafView leaf(space.bins,
                      is_index_root(space.bins, list) ? leaf_for(space, list, name) : list);
  const LeafPosition position = search_leaf(space, leaf, name);
  return position.found ? leaf.key_pointer(position.index) : kNil;
}

}  // namespace cim::registry
