// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Objects are recognized by length and hash and then compared byte by byte. Small ones are complete
// in memory; those of page-aligned data are appended to the region as they arrive, and removed from
// its end again if they turn out to be duplicates.
#include "image/write/object_store.h"

#include <algorithm>
#include <string>
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

// Compares `size` bytes that two functions read, piece by piece: each fills a buffer with the bytes
// from an offset on, and returns false on failure.
template <typename ReadOne, typename ReadOther>
bool are_equal(std::uint64_t size, ReadOne read_one, ReadOther read_other) {
  const auto piece_size = static_cast<std::size_t>(std::min(size, kComparedAtOnce));
  Bytes one(piece_size);
  Bytes other(piece_size);
  for (std::uint64_t done = 0; done < size;) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(piece_size, size - done));
    const auto some = std::span(one).first(piece);
    const auto others = std::span(other).first(piece);
    if (!read_one(done, some) || !read_other(done, others) || !equal(some, others)) {
      return false;
    }
    done += piece;
  }
  return true;
}

bool has_equal_bytes(const File& one, const File& other) {
  const std::uint64_t size = one.size();
  const auto reader_of = [](const File& file) {
    return [&file](std::uint64_t offset, std::span<std::byte> into) {
      return file.read_some_at(offset, into) == into.size();
    };
  };
  return size == other.size() && are_equal(size, reader_of(one), reader_of(other));
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

// Returns an object with that length and id that, as `holds` finds, has the same bytes. At most one
// here and one of the ancestors are compared, which bounds the cost of collisions.
template <typename Holds>
std::optional<format::RegionOffset> ObjectStore::find(RegionType type, std::uint64_t length,
                                                      const format::ObjectId& id, Holds holds) {
  if (const auto own = indexes_[static_cast<std::size_t>(type)].find(length, id);
      own && holds(offset(type, *own))) {
    ++found_objects_;
    return offset(type, *own);
  }
  if (const auto inherited = ancestors_.find(type, length, id); inherited && holds(*inherited)) {
    ++found_objects_;
    return inherited;
  }
  return std::nullopt;
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
  const format::RegionOffset open = offset(RegionType::kPageAlignedData, object_.start);
  const auto reader_of = [this](format::RegionOffset start) {
    return [this, start](std::uint64_t done, std::span<std::byte> into) {
      return read({start.region(), start.byte_offset() + done}, into);
    };
  };
  return are_equal(object_.length, reader_of(place), reader_of(open));
}

// The bytes are hashed before they are stored, so nothing has to be removed again.
format::RegionOffset ObjectStore::add(RegionType type, ByteView object) {
  const format::ObjectId id = format::object_id(Xxh3::of(object));
  const auto known = find(type, object.size(), id,
                          [&](format::RegionOffset place) { return holds(place, object); });
  if (known) {
    return *known;
  }
  RegionWriter& data = region(type);
  data.align(kObjectAlignment);
  const std::uint64_t start = data.position();
  data.append(object);
  indexes_[static_cast<std::size_t>(type)].add({object.size(), id, start});
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

void ObjectStore::start_object(std::uint64_t length) {
  RegionWriter& data = region(RegionType::kPageAlignedData);
  const std::uint64_t before = data.position();
  data.align(kPageSize);
  object_ = {before, data.position(), length};
}

void ObjectStore::append_to_object(const SharedBytes& bytes) {
  object_hash_.update(bytes.bytes);
  region(RegionType::kPageAlignedData).append(bytes);
}

void ObjectStore::append_zeros_to_object(std::uint64_t count) {
  region(RegionType::kPageAlignedData).append_zeros(count);
  while (count > 0) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(count, kMostZeros));
    object_hash_.update(zeros(piece).bytes);
    count -= piece;
  }
}

format::RegionOffset ObjectStore::finish_object() {
  constexpr RegionType kType = RegionType::kPageAlignedData;
  const format::ObjectId id = format::object_id(object_hash_.finish());
  const auto known = find(kType, object_.length, id,
                          [this](format::RegionOffset place) { return holds_open_object(place); });
  if (known) {
    region(kType).rewind(object_.before);
    return *known;
  }
  indexes_[static_cast<std::size_t>(kType)].add({object_.length, id, object_.start});
  return offset(kType, object_.start);
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

// Hashes the ids and offsets of all objects and the tables in their order: nothing needs to be read
// again. Since ids may collide, another set with the same name may have other bytes. Then the name
// is derived from a number as well.
Guid ObjectStore::assign_content_guid(ByteView description) {
  if (!guid_) {
    const Guid name_space = Guid::parse("f5cb3b1e-9c5c-4d0a-8a3e-6f0d3e0c6b1d").value();
    content_hash_.update(description);
    const Sha256Digest digest = content_hash_.finish();
    std::string name(as_text(digest));
    guid_ = Guid::named(name_space, name);
    for (unsigned number = 1; !may_have_name(*guid_); ++number) {
      guid_ = Guid::named(name_space, name + std::to_string(number));
    }
  }
  return *guid_;
}

// Returns false if there is a set of that GUID with other objects.
bool ObjectStore::may_have_name(const Guid& guid) const {
  for (unsigned i = 0; i < kRegionCount; ++i) {
    try {
      const File other = File::open_read_unlinked(directory_ / region_file_name(guid, i));
      if (!has_equal_bytes(regions_[i].file(), other)) {
        return false;
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound) {
        throw;
      }
    }
  }
  return true;
}

void ObjectStore::rename_to_final() {
  if (!has_temporary_names_) {
    return;
  }
  if (!may_have_name(*guid_)) {
    throw Error(ErrorCode::kExists, paths_.front().region.string(),
                "another writer has just used the name for other content; please try again");
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
