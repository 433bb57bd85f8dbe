// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The region set under construction: three regions, one of each type, and the ids of their objects.

#include <array>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "cimlib/guid.h"
#include "cimlib/image.h"

#include "async/write_behind.h"
#include "base/xxh3.h"
#include "format/header.h"
#include "format/region_offset.h"
#include "image/write/ancestor_objects.h"
#include "image/write/object_index.h"
#include "image/write/region_writer.h"
#include "os/crypto.h"
#include "os/seeded_hash.h"

namespace cim {

/// Files of at least this many bytes start on a page boundary.
inline constexpr std::uint64_t kPageSize = 4096;
/// All other objects start at a multiple of this.
inline constexpr std::uint64_t kObjectAlignment = 8;

/// The files of the set, removed unless they are handed over to an image. Equal objects are stored
/// once, also if an ancestor has them. For one thread; writing and flushing run in threads of their
/// own.
class ObjectStore {
 public:
  static constexpr std::uint16_t kRegionCount = 3;

  /// Creates the region files of the set `guid` in `directory`; without a GUID they have temporary
  /// names until assign_content_guid() determines it. The first region has the index `first_region`
  /// among all regions of the image; objects that `ancestors` finds are not stored again.
  ObjectStore(std::filesystem::path directory, std::optional<Guid> guid, std::uint16_t first_region,
              AncestorObjects ancestors);
  ObjectStore(const ObjectStore&) = delete;
  ObjectStore& operator=(const ObjectStore&) = delete;
  /// Removes the files unless dismiss() was called.
  ~ObjectStore();

  /// Adds an object of small data or metadata that is complete in memory, or finds an equal one.
  /// Objects found by their id are compared byte by byte, here and in finish_object(): ids may
  /// collide, and those of ancestors may be forged.
  format::RegionOffset add(RegionType type, ByteView object);

  /// Adds bytes to the metadata region without an id, for tables that are not deduplicated.
  format::RegionOffset add_table(ByteView table);

  /// Starts an object of page-aligned data that is passed in pieces, `length` bytes in all. Only
  /// one object can be open at a time.
  void start_object(std::uint64_t length);
  /// Bytes with an owner may be read after the call returns.
  void append_to_object(const SharedBytes& bytes);
  /// Long runs of zeros take no disk space if the file system supports holes.
  void append_zeros_to_object(std::uint64_t count);
  /// Returns how many bytes of the open object have been appended.
  std::uint64_t object_size() const { return page_data().position() - object_.start; }
  /// Ends the object, or discards it if an equal one exists.
  format::RegionOffset finish_object();

  format::RegionOffset offset(RegionType type, std::uint64_t byte_offset) const {
    return {static_cast<std::uint16_t>(first_region_ + static_cast<std::uint16_t>(type)),
            byte_offset};
  }

  std::uint64_t stored_bytes() const;
  /// Returns how often add() and finish_object() found an equal object.
  std::uint64_t found_objects() const noexcept { return found_objects_; }

  /// Writes buffered data and the object id files; in those of metadata, the back references of
  /// files follow the ids.
  void finish(const std::vector<format::BackReference>& back_references);

  /// Waits until the whole set and `also` are on disk; call it after finish().
  void sync(File& also);

  /// Returns the GUID of the set. If it has none yet, derives it from the set's content and from
  /// `description`, which covers the rest of the image, such that no set with other content has it;
  /// call it after finish().
  Guid assign_content_guid(ByteView description);

  /// Renames files with temporary names to those of the set. If region files of these names exist,
  /// they have the same content. Throws kExists if another writer has stored other content since
  /// the GUID was derived from it.
  void rename_to_final();

  /// Hands the files over to an image: the destructor keeps them.
  void dismiss() noexcept { dismissed_ = true; }

 private:
  // An object that is passed in pieces.
  struct OpenObject {
    std::uint64_t before = 0;  // the region's end before the alignment
    std::uint64_t start = 0;
    std::uint64_t length = 0;
  };

  RegionWriter& region(RegionType type) { return regions_[static_cast<std::size_t>(type)]; }
  const RegionWriter& page_data() const {
    return regions_[static_cast<std::size_t>(RegionType::kPageAlignedData)];
  }
  template <typename Holds>
  std::optional<format::RegionOffset> find(RegionType type, std::uint64_t length,
                                           const format::ObjectId& id, Holds holds);
  bool read(format::RegionOffset place, std::span<std::byte> into);
  bool holds(format::RegionOffset place, ByteView object);
  bool holds_open_object(format::RegionOffset place);
  File write_object_ids(RegionType type, const std::vector<format::BackReference>& back_references);
  void remove_files() noexcept;
  bool may_have_name(const Guid& guid) const;

  // Paths of the files; emptied once the files have names that other images may share.
  struct Paths {
    std::filesystem::path region;
    std::filesystem::path object_ids;
  };

  std::filesystem::path directory_;
  std::optional<Guid> guid_;
  std::array<Paths, kRegionCount> paths_;
  bool has_temporary_names_;
  Sha256
      content_hash_;  // hashes the bytes that have no object id, and the ids of all other objects
  std::uint16_t first_region_;
  AncestorObjects ancestors_;
  std::deque<RegionWriter> regions_;  // a deque, because write_behind_ keeps references to files
  WriteBehind write_behind_;          // destroyed before the files that it writes to
  std::array<ObjectIndex, kRegionCount> indexes_;
  OpenObject object_;
  Xxh3 object_hash_;
  std::array<File, kRegionCount> object_id_files_;
  // Objects that were found and compared, by offset, so that those that many files share are read
  // only once.
  SeededMap<std::uint64_t, Bytes> compared_;
  std::size_t compared_size_ = 0;
  std::uint64_t found_objects_ = 0;
  bool dismissed_ = false;
};

}  // namespace cim
