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

#include "async/digest_behind.h"
#include "format/header.h"
#include "format/region_offset.h"
#include "image/write/ancestor_objects.h"
#include "image/write/object_index.h"
#include "image/write/region_writer.h"
#include "os/seeded_hash.h"
#include "os/sha256.h"

namespace cim {

/// Files of at least this many bytes start at a page of their own.
inline constexpr std::uint64_t kPageSize = 4096;
/// Every other object starts at a multiple of this.
inline constexpr std::uint64_t kObjectAlignment = 8;

class ObjectStore {
 public:
  /// Few objects of one length start with the same bytes, unless they are equal.
  static constexpr std::size_t kHeadSize = 1024;

  static constexpr std::uint16_t kRegionCount = 3;

  /// Makes the region files of the set `guid` in `directory`; without one they have temporary names
  /// until identify() finds it. The first of them has the index `first_region` among all regions of
  /// the image; objects that `ancestors` has are not stored.
  ObjectStore(std::filesystem::path directory, std::optional<Guid> guid, std::uint16_t first_region,
              AncestorObjects ancestors);
  ObjectStore(const ObjectStore&) = delete;
  ObjectStore& operator=(const ObjectStore&) = delete;
  /// Removes the files again unless dismiss() was called.
  ~ObjectStore();

  /// Adds an object that is whole in memory, or finds an equal one. Small data or metadata. What is
  /// found by its digest is compared byte by byte, here and in finish_object(): digests of
  /// ancestors may be forged.
  format::RegionOffset add(RegionType type, ByteView object);

  /// Adds bytes to the metadata region without an id, as for tables that can't be found again.
  format::RegionOffset add_table(ByteView table);

  /// Starts an object of page-aligned data that comes in pieces, `length` bytes in all. `head` is
  /// its first kHeadSize bytes. One at a time.
  void start_object(std::uint64_t length, ByteView head);
  /// Those with an owner may be read after the return.
  void append_to_object(const SharedBytes& bytes);
  /// Many zeros take no place on the disk where the file system has holes.
  void append_zeros_to_object(std::uint64_t count);
  /// Of the object that was started, the bytes that have come.
  std::uint64_t object_size() const { return page_data().position() - object_.start; }
  /// Ends the object, or takes it back if an equal one is there already.
  format::RegionOffset finish_object();

  format::RegionOffset offset(RegionType type, std::uint64_t byte_offset) const {
    return {static_cast<std::uint16_t>(first_region_ + static_cast<std::uint16_t>(type)),
            byte_offset};
  }

  std::uint64_t stored_bytes() const;
  /// How often add() and finish_object() found an equal object.
  std::uint64_t found_objects() const noexcept { return found_objects_; }

  /// Writes what is left, and the object id files, with the back references of files behind those
  /// of metadata.
  void finish(const std::vector<format::BackReference>& back_references);

  /// Waits until all of the set is on disk, and `also` with it; after finish().
  void sync(File& also);

  /// The GUID of the set. If it has none, it gets the one that belongs to what it holds and to
  /// `description`, what else there is to the image; after finish().
  Guid identify(ByteView description);

  /// Gives files with temporary names those of the set. If the names are there already, so is what
  /// they hold, since another image has the same content.
  void rename_to_final();

  /// From now on the files belong to an image.
  void dismiss() noexcept { dismissed_ = true; }

 private:
  // An object that comes in pieces. One that differs from all others in length or head is equal to
  // none: its digest is needed for the object id file alone, and may come late.
  struct OpenObject {
    std::uint64_t before = 0;  // the region's end before the alignment
    std::uint64_t start = 0;
    std::uint64_t length = 0;
    std::size_t look = 0;  // the same for all of the same length and head
    bool may_be_duplicate = false;
    bool has_late_digest = false;
  };

  struct LateObject {
    std::uint64_t start;
    std::uint64_t length;
  };

  void add_to_hash(const SharedBytes& bytes);
  RegionWriter& region(RegionType type) { return regions_[static_cast<std::size_t>(type)]; }
  const RegionWriter& page_data() const {
    return regions_[static_cast<std::size_t>(RegionType::kPageAlignedData)];
  }
  std::optional<format::RegionOffset> find(RegionType type, std::uint64_t length,
                                           const Sha256Digest& digest);
  bool read(format::RegionOffset place, std::span<std::byte> into);
  bool holds(format::RegionOffset place, ByteView object);
  bool holds_open_object(format::RegionOffset place);
  void take_late_digests(std::size_t count);
  File write_object_ids(RegionType type, const std::vector<format::BackReference>& back_references);
  void remove_files() noexcept;

  // Where the files are and, once they have names that others may share, nothing.
  struct Paths {
    std::filesystem::path region;
    std::filesystem::path object_ids;
  };

  std::filesystem::path directory_;
  std::optional<Guid> guid_;
  std::array<Paths, kRegionCount> paths_;
  bool has_temporary_names_;
  Sha256 unnamed_;  // of what has no object id, and of the ids of all the rest
  std::uint16_t first_region_;
  AncestorObjects ancestors_;
  std::deque<RegionWriter> regions_;
  WriteBehind write_behind_;  // ends before the files that it writes to
  std::array<ObjectIndex, kRegionCount> indexes_;
  OpenObject object_;
  Sha256 object_hash_;
  // Of page-aligned data: to each look that there is, how many late digests must have been taken
  // for all that look so to be known.
  SeededMap<std::size_t, std::size_t> fingerprints_;
  DigestBehind late_digests_;
  std::deque<LateObject> late_objects_;  // whose digests were not taken yet
  std::size_t late_digests_taken_ = 0;
  std::array<File, kRegionCount> object_id_files_;
  // Objects that were found and compared, by place: those that many files share are read once.
  SeededMap<std::uint64_t, Bytes> compared_;
  std::size_t compared_size_ = 0;
  std::uint64_t found_objects_ = 0;
  bool dismissed_ = false;
};

}  // namespace cim
