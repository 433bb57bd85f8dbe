// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reading a ZIP archive: libzip reads its directory and finds its entries, ISA-L or zlib
// inflates them.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cimlib/filetime.h"

#include "appx/random_access.h"
#include "async/shared_bytes.h"
#include "base/bytes.h"

namespace cim::appx {

/// An entry as the archive's directory describes it. Nothing of it can be relied on.
struct ZipEntry {
  std::string name;  ///< bytes as stored
  std::uint64_t index = 0;
  std::uint64_t size = 0;         ///< bytes
  std::uint64_t packed_size = 0;  ///< bytes in the archive
  std::uint32_t crc = 0;
  bool is_deflated = false;  ///< else stored
  FileTime time;             ///< the archive's local time, taken as UTC
};

/// An archive that is open for reading. For one thread.
class ZipArchive {
 public:
  /// Returns a pool that any number of archives may share.
  static std::shared_ptr<BufferPool> make_buffers();

  /// Reads the directory. Throws kCorrupt for a damaged one, kLimit for too many entries,
  /// kUnsupported for entries that are encrypted or packed by other methods than deflate.
  explicit ZipArchive(std::shared_ptr<const RandomAccess> bytes,
                      std::shared_ptr<BufferPool> buffers = make_buffers());
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;
  ~ZipArchive();

  std::uint64_t entry_count() const noexcept { return entry_count_; }
  /// Returns the entry at `index`, which is less than their count. Made anew for each call: libzip
  /// holds the directory, and a second copy of it would take much memory.
  ZipEntry entry(std::uint64_t index) const;
  /// Returns true if an entry has that name, as stored.
  bool has(std::string_view name) const;

  const RandomAccess& bytes() const noexcept { return *bytes_; }
  const std::shared_ptr<BufferPool>& buffers() const noexcept { return buffers_; }

  /// Passes the bytes of an entry to `sink`, in runs of a whole number of blocks (kBlockSize)
  /// except for the last. Throws kCorrupt, also after all bytes were passed, if their number or
  /// checksum is not that of the directory; never passes more than `entry.size` bytes.
  void read(const ZipEntry& entry, const std::function<void(const SharedBytes&)>& sink) const;
  /// Returns all bytes of an entry; kLimit if there are more than `limit`.
  Bytes read_all(const ZipEntry& entry, std::uint64_t limit) const;

  /// Returns the bytes of a stored entry, which keep the archive alive. Throws kUnsupported if it
  /// is deflated.
  static std::shared_ptr<const RandomAccess> open_stored(std::shared_ptr<const ZipArchive> archive,
                                                         const ZipEntry& entry);

  /// "ARCHIVE: ENTRY", for errors.
  std::string name_of(const ZipEntry& entry) const;

 private:
  struct Handle;
  class StoredEntry;

  std::shared_ptr<const RandomAccess> bytes_;
  std::shared_ptr<BufferPool> buffers_;
  std::unique_ptr<Handle> handle_;
  std::uint64_t entry_count_ = 0;
};

}  // namespace cim::appx
