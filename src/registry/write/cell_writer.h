// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The cells of a hive that is being written: consecutive bins and the space in them; the cells of
// security descriptors, which keys share; and what takes several cells, the lists of a key's
// subkeys and the data of a value.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cimlib/filetime.h"

#include "base/bytes.h"
#include "os/seeded_hash.h"
#include "registry/format/cell_map.h"
#include "registry/format/cell_views.h"
#include "registry/format/cells.h"
#include "registry/format/name.h"

namespace cim::registry {

/// Cells are identified by pointers, as in the hive: offsets from the end of the base block.
class CellWriter {
 public:
  /// Starts a file with space for the base block. `subject` is the hive's name in errors.
  CellWriter(std::string subject, FileTime last_written, std::size_t expected_size);

  /// Returns a zeroed cell with space for at least that many bytes. Throws kLimit.
  std::uint32_t allocate(std::size_t data_size);

  template <DiskStruct T>
  void store(std::uint32_t cell, std::size_t offset, const T& value) noexcept {
    std::memcpy(at(cell) + kCellHeaderSize + offset, &value, sizeof(T));
  }
  void store(std::uint32_t cell, std::size_t offset, ByteView bytes) noexcept;

  /// Returns the record at the start of a cell.
  template <DiskStruct T>
  T record(std::uint32_t cell) const {
    return load<T>(file_, kBaseBlockSize + cell + kCellHeaderSize);
  }

  /// Ends the last bin; returns the total size of the bins.
  std::uint32_t close() noexcept;
  /// Returns the whole file; the base block is still zero.
  Bytes take() noexcept { return std::move(file_); }

  [[noreturn]] void fail_limit(std::string reason) const;

 private:
  std::byte* at(std::uint32_t pointer) noexcept { return file_.data() + kBaseBlockSize + pointer; }
  void open_bin(std::size_t needed);
  void close_bin() noexcept;

  std::string subject_;
  FileTime last_written_;
  Bytes file_;
  std::uint32_t next_ = 0;     // start of the space in the open bin
  std::uint32_t bin_end_ = 0;  // end of the open bin
};

/// Identifies a descriptor in a pool.
enum class DescriptorId : std::uint32_t {};

/// The security descriptors of the hive; equal descriptors share a cell.
class DescriptorPool {
 public:
  /// Returns the id of the descriptor with these bytes. No cell is allocated until it is used.
  DescriptorId find(ByteView bytes);
  /// Returns the descriptor's cell and counts one more key that refers to it.
  std::uint32_t use(DescriptorId id, CellWriter& cells);
  /// Fills in the records of all used descriptors: a ring, in order of first use.
  void write_ring(CellWriter& cells) const;

 private:
  struct Descriptor {
    Bytes bytes;
    std::uint32_t pointer = kNil;
    std::uint32_t references = 0;
  };

  std::deque<Descriptor> descriptors_;
  SeededMap<std::string_view, std::uint32_t> known_;
  std::vector<std::uint32_t> used_;  // in order of first use
};

/// A subkey for a list.
struct SubkeyEntry {
  std::uint32_t pointer;
  std::uint32_t hash;  ///< as returned by subkey_hash()
};

/// Returns what the lists of a hive of that version store with each key: a hash or a hint of its
/// name.
std::uint32_t subkey_hash(const Name& name, std::uint32_t minor_version) noexcept;

/// Writes the list of subkeys, at least one, sorted by name: one leaf if it fits, else a list of
/// leaves. Returns the list's pointer. Throws kLimit if there are too many subkeys.
std::uint32_t write_subkey_lists(CellWriter& cells, std::span<const SubkeyEntry> subkeys,
                                 std::uint32_t minor_version);

/// Writes the data, and stores their location and size in the record. Throws kLimit if the data are
/// too large.
void write_value_data(CellWriter& cells, ValueRecord& record, const DataView& data,
                      std::uint32_t minor_version);

}  // namespace cim::registry
