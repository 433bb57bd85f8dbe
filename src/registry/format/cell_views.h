// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Keys and values of a hive in place: small objects over the hive's bytes. They check nothing
// themselves, so the hive must have been validated (tree_validator.h).

#include <cstdint>

#include "cimlib/filetime.h"

#include "base/bytes.h"
#include "registry/format/cell_map.h"
#include "registry/format/cells.h"
#include "registry/format/name.h"

namespace cim::registry {

/// The context for reading cells: their bytes, and two facts from the base block.
struct CellSpace {
  ByteView bins;
  std::uint32_t minor_version = 5;
  bool layered = false;  ///< true if layer bits have a meaning
};

/// The data of a value: one piece, or the segments of a big value.
class DataView {
 public:
  DataView() noexcept = default;
  explicit DataView(ByteView whole) noexcept : size_(whole.size()), whole_(whole) {}
  DataView(ByteView bins, std::uint32_t segment_list, std::size_t size) noexcept
      : size_(size), bins_(bins), segment_list_(segment_list) {}

  std::size_t size() const noexcept { return size_; }

  /// Calls `visit` with consecutive pieces that together make up the data.
  template <typename Visit>
  void for_each_piece(Visit&& visit) const {
    if (segment_list_ == kNil) {
      visit(whole_);
      return;
    }
    const ByteView list = cell_data(bins_, segment_list_);
    std::size_t left = size_;
    for (std::size_t i = 0; left > 0; ++i) {
      const ByteView segment = cell_data(bins_, load<Le32>(list, 4 * i));
      const std::size_t size = left < kSegmentSize ? left : kSegmentSize;
      visit(segment.first(size));
      left -= size;
    }
  }

  Bytes copy() const;

 private:
  std::size_t size_ = 0;
  ByteView whole_;
  ByteView bins_;
  std::uint32_t segment_list_ = kNil;
};

/// Returns true if data of this size is stored in segments.
constexpr bool is_big_data(std::uint32_t size, std::uint32_t minor_version) noexcept {
  return size > kSegmentSize && minor_version > 3;
}

/// A value in place. Copies its record, which is small, and reads the rest from the bytes.
class ValueView {
 public:
  ValueView(const CellSpace& space, std::uint32_t pointer) noexcept
      : space_(&space),
        record_(load<ValueRecord>(space.bins, pointer + kCellHeaderSize)),
        pointer_(pointer) {}

  std::uint32_t pointer() const noexcept { return pointer_; }
  Name name() const noexcept {
    const std::size_t at = pointer_ + kCellHeaderSize + sizeof(ValueRecord);
    return {space_->bins.subspan(at, record_.name_size),
            (record_.flags & kValueCompressedName) != 0};
  }
  std::uint32_t type() const noexcept { return record_.type; }
  bool is_tombstone() const noexcept {
    return space_->layered && (record_.flags & kValueTombstone) != 0;
  }
  std::uint32_t size() const noexcept {
    return is_tombstone() ? 0 : record_.data_size & ~kInlineData;
  }
  DataView data() const noexcept;

 private:
  const CellSpace* space_;
  ValueRecord record_;
  std::uint32_t pointer_;
};

/// The values of a key in stored order.
class ValueListView {
 public:
  ValueListView(const CellSpace& space, std::uint32_t list, std::uint32_t count) noexcept
      : space_(&space), list_(list), count_(count) {}

  std::uint32_t size() const noexcept { return count_; }
  ValueView operator[](std::uint32_t i) const noexcept {
    return {*space_, load<Le32>(space_->bins, list_ + kCellHeaderSize + 4 * std::size_t{i})};
  }

 private:
  const CellSpace* space_;
  std::uint32_t list_;
  std::uint32_t count_;
};

class SubkeyCursor;

/// A key in place.
class KeyView {
 public:
  KeyView(const CellSpace& space, std::uint32_t pointer) noexcept
      : space_(&space),
        record_(load<KeyRecord>(space.bins, pointer + kCellHeaderSize)),
        pointer_(pointer) {}

  const CellSpace& space() const noexcept { return *space_; }
  std::uint32_t pointer() const noexcept { return pointer_; }
  Name name() const noexcept {
    const std::size_t at = pointer_ + kCellHeaderSize + sizeof(KeyRecord);
    return {space_->bins.subspan(at, record_.name_size), (record_.flags & kKeyCompressedName) != 0};
  }
  FileTime time() const noexcept { return {record_.last_written}; }
  std::uint16_t flags() const noexcept { return record_.flags; }
  std::uint8_t control() const noexcept { return record_.control; }
  std::uint8_t debug() const noexcept { return record_.debug; }
  /// Returns the semantics and the inherit-class bit; 0 if the base block does not declare layers.
  std::uint8_t layer() const noexcept {
    return space_->layered ? static_cast<std::uint8_t>(record_.layer & kLayerMask)
                           : std::uint8_t{0};
  }
  /// Returns UTF-16LE; empty if the key has no class.
  ByteView class_name() const noexcept {
    if (record_.class_size == 0) {
      return {};
    }
    return cell_data(space_->bins, record_.class_name).first(record_.class_size);
  }
  std::uint32_t security_pointer() const noexcept { return record_.security; }
  ByteView descriptor() const noexcept {
    const auto record = load<SecurityRecord>(space_->bins, record_.security + kCellHeaderSize);
    return space_->bins.subspan(record_.security + kCellHeaderSize + sizeof(SecurityRecord),
                                record.descriptor_size);
  }
  std::uint32_t subkey_count() const noexcept { return record_.subkey_count; }
  std::uint32_t subkey_list() const noexcept { return record_.subkey_list; }
  ValueListView values() const noexcept {
    return {*space_, record_.value_list, record_.value_count};
  }
  std::uint32_t value_list() const noexcept { return record_.value_list; }
  std::uint32_t value_count() const noexcept { return record_.value_count; }

 private:
  const CellSpace* space_;
  KeyRecord record_;
  std::uint32_t pointer_;
};

/// The entries of a leaf of any kind.
class LeafView {
 public:
  LeafView() noexcept = default;
  LeafView(ByteView bins, std::uint32_t pointer) noexcept;

  std::uint32_t size() const noexcept { return count_; }
  std::uint32_t key_pointer(std::uint32_t i) const noexcept {
    return load<Le32>(entries_, std::size_t{i} * stride_);
  }

 private:
  ByteView entries_;
  std::uint32_t count_ = 0;
  std::size_t stride_ = 0;
};

/// Returns true if the list at `pointer` is a list of lists.
bool is_index_root(ByteView bins, std::uint32_t pointer) noexcept;
/// Returns the pointer of the i-th list in a list of lists.
inline std::uint32_t leaf_of_index_root(ByteView bins, std::uint32_t root,
                                        std::uint32_t i) noexcept {
  return load<Le32>(bins, root + kCellHeaderSize + sizeof(ListHeader) + 4 * std::size_t{i});
}

/// Iterates over the subkeys of a key in stored order.
class SubkeyCursor {
 public:
  explicit SubkeyCursor(const KeyView& key) noexcept;

  bool done() const noexcept { return remaining_ == 0; }
  KeyView key() const noexcept { return {*space_, leaf_.key_pointer(index_)}; }
  void next() noexcept;

 private:
  const CellSpace* space_;
  std::uint32_t root_ = kNil;  // the list of lists, or kNil
  std::uint32_t root_index_ = 0;
  LeafView leaf_;
  std::uint32_t index_ = 0;
  std::uint32_t remaining_ = 0;
};

/// Returns the pointer of the subkey of that name, or kNil.
std::uint32_t find_subkey(const KeyView& key, const Name& name) noexcept;

}  // namespace cim::registry
