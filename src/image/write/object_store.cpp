// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Objects are recognized by length and digest and then compared byte by byte. Small ones are
// complete in memory; those of page-aligned data are appended to the region as they arrive, and
// removed from its end again if they turn out to be duplicates. Most large objects are not: if no
// other object begins like them, their digests are needed only for the object id file and are
// computed in another thread.
#include "image/write/object_store.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include "cimlib/error.h"

#include "image/read/region_files.h"
#include "os/file.h"
#include "os/host_path.h"

namespace cim {
namespace {

// How many bytes of objects found are kept in memory.
constexpr std::size_t kMostCompared = std::size_t{4} << 20;
constexpr std::uint64_t kComparedAtOnce = std::uint64_t{128} << 10;

// A collision only makes the store compare two objects by their digests earlier than needed.
std::size_t fingerprint_of(std::uint64_t length, ByteView head) {
  SeededHasher hasher;
  hasher.add(length);
  hasher.add(head);
  return hasher.finish();
}

}  // namespace

// Without a GUID the files have temporary names, which garbage collection recognizes.
ObjectStore::ObjectStore(std::filesystem::path directory, std::optional<Guid> guid,
                         std::uint16_t first_region, AncestorObjects ancestors)
    : directory_(std::move(directory)),
      guid_(guid),
      has_temporary_names_(!guid),
      first_region_(first_region),
      ancestors_(std::move(ancestors)) {
  try {
    for (std::uint16_t i = 0; i < kRegionCount; ++i) {
      paths_[i] = guid_ ? Paths{directory_ / region_file_name(*guid_, i),
                                directory_ / object_id_file_name(*guid_, i)}
                        : Paths{temporary_name(directory_ / "region"),
                                temporary_name(directory_ / "objectid")};
      regions_.emplace_back(paths_[i].region, i, static_cast<RegionType>(i), write_behind_);
    }
  } catch (...) {
    remove_files();
    throw;
  }
}

ObjectStore::~ObjectStore() {
  if (!dismissed_) {
    remove_files();
  }
}

// Removes only files that this store made: a file that existed before made a constructor fail.
void ObjectStore::remove_files() noexcept {
  std::error_code ignored;  // gc finds what is left
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    std::filesystem::remove(paths_[i].region, ignored);
    std::filesystem::remove(paths_[i].object_ids, ignored);
  }
}

std::optional<format::RegionOffset> ObjectStore::find(RegionType type, std::uint64_t length,
                                                      const Sha256Digest& digest) {
  const auto own = indexes_[static_cast<std::size_t>(type)].find(length, digest);
  return own ? std::optional(offset(type, *own)) : ancestors_.find(type, length, digest);
}

// Returns false if an ancestor's object cannot be read.
bool ObjectStore::read(format::RegionOffset place, std::span<std::byte> into) {
  if (place.region() < first_region_) {
    return ancestors_.read(place, into);
  }
  regions_[place.region() - first_region_].read_at(place.byte_offset(), into);
  return true;
}

// Compares an object with a stored one. Objects that many files share, such as descriptors, are
// remembered.
bool ObjectStore::holds(format::RegionOffset place, ByteView object) {
  if (const auto known = compared_.find(place.raw()); known != compared_.end()) {
    return equal(known->second, object);
  }
  Bytes stored(object.size());
  if (!read(place, stored) || !equal(stored, object)) {
    return false;
  }
  if (compared_size_ + stored.size() > kMostCompared) {
    compared_.clear();
    compared_size_ = 0;
  }
  compared_size_ += stored.size();
  compared_.emplace(place.raw(), std::move(stored));
  return true;
}

// The object under construction is in the region already, so both are read from the region.
bool ObjectStore::holds_open_object(format::RegionOffset place) {
  const auto piece_size = static_cast<std::size_t>(std::min(object_.length, kComparedAtOnce));
  Bytes ours(piece_size);
  Bytes theirs(piece_size);
  for (std::uint64_t done = 0; done < object_.length; done += piece_size) {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(piece_size, object_.length - done));
    const auto piece = std::span(ours).first(size);
    const auto other = std::span(theirs).first(size);
    region(RegionType::kPageAlignedData).read_at(object_.start + done, piece);
    if (!read({place.region(), place.byte_offset() + done}, other) || !equal(piece, other)) {
      return false;
    }
  }
  return true;
}

// The bytes are hashed before they are stored, so nothing has to be removed again.
format::RegionOffset ObjectStore::add(RegionType type, ByteView object) {
  const auto index = static_cast<std::size_t>(type);
  const Sha256Digest digest = Sha256::of(object);
  if (const auto known = find(type, object.size(), digest); known && holds(*known, object)) {
    ++found_objects_;
    return *known;
  }
  regions_[index].align(kObjectAlignment);
  const std::uint64_t start = regions_[index].position();
  regions_[index].append(object);
  indexes_[index].add(object.size(), digest, start);
  return offset(type, start);
}

format::RegionOffset ObjectStore::add_table(ByteView table) {
  RegionWriter& metadata = region(RegionType::kMetadata);
  metadata.align(kObjectAlignment);
  const std::uint64_t start = metadata.position();
  metadata.append(table);
  if (!guid_) {
    content_hash_.update(table);
  }
  return offset(RegionType::kMetadata, start);
}

// An object may be a duplicate of one with the same fingerprint here, or of one with its length in
// an ancestor.
void ObjectStore::start_object(std::uint64_t length, ByteView head) {
  constexpr RegionType kType = RegionType::kPageAlignedData;
  const std::size_t fingerprint = fingerprint_of(length, head);
  const bool may_be_duplicate =
      !fingerprints_.try_emplace(fingerprint).second || ancestors_.has_length(kType, length);
  RegionWriter& data = region(kType);
  const std::uint64_t before = data.position();
  data.align(kPageSize);
  object_ = {before,      data.position(),  length,
             fingerprint, may_be_duplicate, !may_be_duplicate && !late_digests_.is_busy()};
}

void ObjectStore::add_to_hash(const SharedBytes& bytes) {
  if (object_.has_late_digest) {
    late_digests_.update(bytes);
  } else {
    object_hash_.update(bytes.bytes);
  }
}

void ObjectStore::append_to_object(const SharedBytes& bytes) {
  add_to_hash(bytes);
  region(RegionType::kPageAlignedData).append(bytes);
}

void ObjectStore::append_zeros_to_object(std::uint64_t count) {
  region(RegionType::kPageAlignedData).append_zeros(count);
  while (count > 0) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(count, kMostZeros));
    add_to_hash(zeros(piece));
    count -= piece;
  }
}

// An object that cannot be a duplicate needs no digest now. If a later one has the same
// fingerprint, it waits for the digests up to this one, because the index lacks them until then.
format::RegionOffset ObjectStore::finish_object() {
  constexpr RegionType kType = RegionType::kPageAlignedData;
  if (object_.has_late_digest) {
    late_digests_.finish();
    late_objects_.push_back({object_.start, object_.length});
    fingerprints_[object_.fingerprint] = late_digests_taken_ + late_objects_.size();
    return offset(kType, object_.start);
  }
  const Sha256Digest digest = object_hash_.finish();
  if (object_.may_be_duplicate) {
    take_late_digests(fingerprints_[object_.fingerprint]);
    const auto known = find(kType, object_.length, digest);
    if (known && holds_open_object(*known)) {
      ++found_objects_;
      region(kType).rewind(object_.before);
      return *known;
    }
  }
  indexes_[static_cast<std::size_t>(kType)].add(object_.length, digest, object_.start);
  return offset(kType, object_.start);
}

// Adds objects to the index until `count` late digests have been taken in all.
void ObjectStore::take_late_digests(std::size_t count) {
  if (count <= late_digests_taken_) {
    return;
  }
  ObjectIndex& index = indexes_[static_cast<std::size_t>(RegionType::kPageAlignedData)];
  for (const Sha256Digest& digest : late_digests_.take(count - late_digests_taken_)) {
    const LateObject& object = late_objects_.front();
    index.add(object.length, digest, object.start);
    late_objects_.pop_front();
    ++late_digests_taken_;
  }
}

std::uint64_t ObjectStore::stored_bytes() const {
  std::uint64_t sum = 0;
  for (const RegionWriter& region : regions_) {
    sum += region.position();
  }
  return sum;
}

// Starts to write all regions to disk before anything is waited for.
void ObjectStore::finish(const std::vector<format::BackReference>& back_references) {
  region(RegionType::kMetadata).align(kObjectAlignment);
  region(RegionType::kSmallData).align(kObjectAlignment);
  // Lets the kernel map the whole region, whose pages hold the data of files.
  region(RegionType::kPageAlignedData).align(kPageSize);
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    regions_[i].finish();
    regions_[i].file().start_writeback(0, 0);
  }
  take_late_digests(late_digests_taken_ + late_objects_.size());
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    object_id_files_[i] = write_object_ids(regions_[i].type(), back_references);
  }
}

void ObjectStore::sync(File& also) {
  std::vector<File*> files = {&also};
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    files.push_back(&regions_[i].file());
    files.push_back(&object_id_files_[i]);
  }
  sync_together(files);
  sync_directory(directory_);
}

// Only readers that write forks use these files, so their order is one for binary searches.
File ObjectStore::write_object_ids(RegionType type,
                                   const std::vector<format::BackReference>& back_references) {
  const auto index = static_cast<std::uint16_t>(type);
  const auto entries = std::move(indexes_[index]).sorted();
  Bytes bytes =
      format::encode(format::ObjectIdHeader{.index = index,
                                            .type = static_cast<std::uint8_t>(type),
                                            .count = static_cast<std::uint32_t>(entries.size())});
  bytes.reserve(bytes.size() + entries.size() * format::kObjectIdEntrySize);
  for (const format::ObjectIdEntry& entry : entries) {
    format::append_entry(bytes, entry);
  }
  if (type == RegionType::kMetadata) {
    format::append_back_references(bytes, back_references);
  }
  File file = File::create_new(paths_[index].object_ids);
  file.write_at(0, bytes);
  if (!guid_) {
    content_hash_.update(bytes);
  }
  return file;
}

// Hashes the digests and places of all objects, the tables in their order and the zeros between:
// that is all a region contains, so nothing needs to be read again.
Guid ObjectStore::assign_content_guid(ByteView description) {
  if (!guid_) {
    constexpr std::string_view kNameSpace = "f5cb3b1e-9c5c-4d0a-8a3e-6f0d3e0c6b1d";
    content_hash_.update(description);
    const Sha256Digest digest = content_hash_.finish();
    guid_ = Guid::named(*Guid::parse(kNameSpace), as_text(digest));
  }
  return *guid_;
}

void ObjectStore::rename_to_final() {
  if (!has_temporary_names_) {
    return;
  }
  for (unsigned i = 0; i < kRegionCount; ++i) {
    rename_file(paths_[i].region, directory_ / region_file_name(*guid_, i));
    paths_[i].region.clear();
    rename_file(paths_[i].object_ids, directory_ / object_id_file_name(*guid_, i));
    paths_[i].object_ids.clear();
  }
  sync_directory(directory_);
}

}  // namespace cim
