// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/hive_builder.h"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/checked_math.h"
#include "registry/base_block.h"

namespace cim::registry {
namespace {

/// Above this Windows gives a cell the next power of two.
constexpr std::size_t kMaxExactCellSize = 16384;
constexpr std::size_t kMaxNameSize = 0xFFFF;
constexpr std::size_t kMaxListEntries = 0xFFFF;

}  // namespace

HiveBuilder::HiveBuilder(BuildOptions options) : options_(std::move(options)) {
  file_.reserve(options_.expected_size);
  file_.resize(kBaseBlockSize);
}

void HiveBuilder::fail_limit(std::string reason) const {
  throw Error(ErrorCode::kLimit, options_.subject, std::move(reason));
}

Name HiveBuilder::shortest(const Name& name) {
  if (name.compressed() || !name.compressible()) {
    return name;
  }
  recoded_name_ = NameBuffer(name);
  return recoded_name_.name();
}

template <DiskStruct T>
void HiveBuilder::store(std::uint32_t pointer, std::size_t offset, const T& value) noexcept {
  std::memcpy(at(pointer) + kCellHeaderSize + offset, &value, sizeof(T));
}

void HiveBuilder::store(std::uint32_t pointer, std::size_t offset, ByteView bytes) noexcept {
  std::copy(bytes.begin(), bytes.end(), at(pointer) + kCellHeaderSize + offset);
}

// ---- cells and bins ----

std::uint32_t HiveBuilder::allocate(std::size_t data_size) {
  std::size_t size = (kCellHeaderSize + data_size + kCellAlignment - 1) & ~std::size_t{7};
  if (size > kMaxExactCellSize) {
    size = std::bit_ceil(size);
  }
  if (size > std::size_t{bin_end_} - next_) {
    close_bin();
    open_bin(size);
  }
  const std::uint32_t pointer = next_;
  next_ += static_cast<std::uint32_t>(size);
  const Le32 header = ~static_cast<std::uint32_t>(size) + 1;
  std::memcpy(at(pointer), &header, sizeof(header));
  return pointer;
}

void HiveBuilder::open_bin(std::size_t needed) {
  const auto size = *checked_align_up(sizeof(BinHeader) + needed, kBinAlignment);
  if (size > kMaxBinsSize - bin_end_) {
    fail_limit("the hive would become larger than 2 GiB");
  }
  const std::uint32_t offset = bin_end_;
  BinHeader header{};
  header.signature = kBinSignature;
  header.offset = offset;
  header.size = static_cast<std::uint32_t>(size);
  if (offset == 0) {
    header.time = options_.last_written.ticks;
  }
  file_.resize(file_.size() + static_cast<std::size_t>(size));
  std::memcpy(at(offset), &header, sizeof(header));
  next_ = offset + static_cast<std::uint32_t>(sizeof(header));
  bin_end_ = offset + static_cast<std::uint32_t>(size);
}

void HiveBuilder::close_bin() noexcept {
  if (next_ < bin_end_) {
    const Le32 free_size = bin_end_ - next_;
    std::memcpy(at(next_), &free_size, sizeof(free_size));
    next_ = bin_end_;
  }
}

// ---- keys ----

DescriptorId HiveBuilder::descriptor(ByteView bytes) {
  const auto known = known_descriptors_.find(as_text(bytes));
  if (known != known_descriptors_.end()) {
    return DescriptorId{known->second};
  }
  const auto id = static_cast<std::uint32_t>(descriptors_.size());
  descriptors_.push_back({Bytes(bytes.begin(), bytes.end())});
  known_descriptors_.emplace(as_text(descriptors_.back().bytes), id);
  return DescriptorId{id};
}

void HiveBuilder::check_key(const KeyContent& key, const Name& name) const {
  if (name.empty() || name.stored().size() > kMaxKeyNameSize) {
    fail_limit(fmt::format("a key's name of {} characters", name.units()));
  }
  if (key.class_name.size() > kMaxNameSize) {
    fail_limit(fmt::format("a class name of {} bytes", key.class_name.size()));
  }
  if (frames_.size() >= kMaxDepth) {
    fail_limit("keys more than 512 levels deep");
  }
}

void HiveBuilder::begin_key(const KeyContent& key) {
  finish_values();
  const Name name = shortest(key.name);
  check_key(key, name);
  const bool is_root = frames_.empty();
  KeyRecord record{};
  record.signature = kKeySignature;
  record.flags = static_cast<std::uint16_t>((key.flags & kKeyKeptFlags) |
                                            (name.compressed() ? kKeyCompressedName : 0) |
                                            (is_root ? kKeyHiveEntry | kKeyNoDelete : 0));
  record.last_written = key.time.ticks;
  record.layer = options_.layered ? key.layer : std::uint8_t{0};
  record.parent = is_root ? kNil : frames_.back().pointer;
  record.subkey_list = kNil;
  record.volatile_subkey_list = kNil;
  record.value_list = kNil;
  record.control = key.control;
  record.debug = key.debug;
  record.name_size = static_cast<std::uint16_t>(name.stored().size());
  record.class_size = static_cast<std::uint16_t>(key.class_name.size());
  const std::uint32_t pointer = allocate(sizeof(record) + name.stored().size());
  store(pointer, sizeof(record), name.stored());
  record.security = use_descriptor(key.descriptor);
  record.class_name = write_class(key.class_name);
  store(pointer, 0, record);
  note_in_parent(pointer, key, name);
  frames_.push_back({pointer, children_.size(), 0, 0, 0, 0});
  values_open_ = true;
  ++keys_;
}

std::uint32_t HiveBuilder::use_descriptor(DescriptorId id) {
  const auto index = static_cast<std::uint32_t>(id);
  Descriptor& descriptor = descriptors_.at(index);
  if (descriptor.pointer == kNil) {
    descriptor.pointer = allocate(sizeof(SecurityRecord) + descriptor.bytes.size());
    store(descriptor.pointer, sizeof(SecurityRecord), descriptor.bytes);
    used_descriptors_.push_back(index);
  }
  ++descriptor.references;
  return descriptor.pointer;
}

std::uint32_t HiveBuilder::write_class(ByteView name) {
  if (name.empty()) {
    return kNil;
  }
  const std::uint32_t pointer = allocate(name.size());
  store(pointer, 0, name);
  return pointer;
}

void HiveBuilder::note_in_parent(std::uint32_t pointer, const KeyContent& key, const Name& name) {
  if (frames_.empty()) {
    root_ = pointer;
    return;
  }
  Frame& parent = frames_.back();
  parent.largest_subkey_name = std::max(parent.largest_subkey_name, name.utf16_size());
  parent.largest_subkey_class =
      std::max(parent.largest_subkey_class, static_cast<std::uint32_t>(key.class_name.size()));
  // The child's entry waits among those of its parent, below those of its own subkeys.
  children_.push_back({pointer, options_.minor_version >= 5 ? hash_of(name) : hint_of(name)});
}

void HiveBuilder::end_key() {
  finish_values();
  const Frame frame = frames_.back();
  frames_.pop_back();
  auto record = load<KeyRecord>(file_, kBaseBlockSize + frame.pointer + kCellHeaderSize);
  write_subkey_list(frame, record);
  record.largest_subkey_name = static_cast<std::uint16_t>(frame.largest_subkey_name);
  record.largest_subkey_class = frame.largest_subkey_class;
  record.largest_value_name = frame.largest_value_name;
  record.largest_value_data = frame.largest_value_data;
  store(frame.pointer, 0, record);
  children_.resize(frame.first_child);
}

// ---- values ----

void HiveBuilder::add_value(const ValueContent& value) {
  const Name name = shortest(value.name);
  if (name.stored().size() > kMaxNameSize) {
    fail_limit(fmt::format("a value's name of {} characters", name.units()));
  }
  const bool tombstone = options_.layered && value.tombstone;
  ValueRecord record{};
  record.signature = kValueSignature;
  record.name_size = static_cast<std::uint16_t>(name.stored().size());
  const bool compressed = name.compressed() && !name.empty();
  record.flags = static_cast<std::uint16_t>((compressed ? kValueCompressedName : 0) |
                                            (tombstone ? kValueTombstone : 0));
  if (tombstone) {
    record.data = kNil;
  } else {
    record.type = value.type;
    write_value_data(record, value.data);
    Frame& frame = frames_.back();
    frame.largest_value_data =
        std::max(frame.largest_value_data, static_cast<std::uint32_t>(value.data.size()));
  }
  frames_.back().largest_value_name =
      std::max(frames_.back().largest_value_name, name.utf16_size());
  const std::uint32_t pointer = allocate(sizeof(record) + name.stored().size());
  store(pointer, 0, record);
  store(pointer, sizeof(record), name.stored());
  value_pointers_.push_back(pointer);
  ++values_;
}

void HiveBuilder::write_value_data(ValueRecord& record, const DataView& data) {
  if (data.size() >= kInlineData) {
    fail_limit("a value of 2 GiB");
  }
  const auto size = static_cast<std::uint32_t>(data.size());
  if (size <= kMaxInlineSize) {
    record.data_size = size | kInlineData;
    data.for_each_piece([&record](ByteView piece) {
      std::copy(piece.begin(), piece.end(),
                std::as_writable_bytes(std::span(&record.data, 1)).begin());
    });
    return;
  }
  record.data_size = size;
  record.data =
      is_big_data(size, options_.minor_version) ? write_big_data(data) : write_plain_data(data);
}

std::uint32_t HiveBuilder::write_plain_data(const DataView& data) {
  const std::uint32_t pointer = allocate(data.size());
  std::size_t offset = 0;
  data.for_each_piece([&](ByteView piece) {
    store(pointer, offset, piece);
    offset += piece.size();
  });
  return pointer;
}

std::uint32_t HiveBuilder::write_big_data(const DataView& data) {
  const std::size_t count = data.size() / kSegmentSize + (data.size() % kSegmentSize != 0 ? 1 : 0);
  if (count > kMaxSegments) {
    fail_limit(fmt::format("a value of {} bytes", data.size()));
  }
  const std::uint32_t pointer = allocate(sizeof(BigDataRecord));
  const std::uint32_t list = allocate(count * sizeof(Le32));
  store(pointer, 0,
        BigDataRecord{kBigDataSignature, static_cast<std::uint16_t>(count), std::uint32_t{list}});
  write_segments(data, list, count);
  return pointer;
}

/// Every segment gets a cell of full size: other readers lose bytes of a last one that is tight.
void HiveBuilder::write_segments(const DataView& data, std::uint32_t list, std::size_t count) {
  std::vector<std::uint32_t> segments(count);
  for (std::size_t i = 0; i < count; ++i) {
    segments[i] = allocate(kSegmentCellDataSize);
    store(list, i * sizeof(Le32), Le32{segments[i]});
  }
  std::size_t done = 0;
  data.for_each_piece([&](ByteView piece) {
    while (!piece.empty()) {
      const std::size_t within = done % kSegmentSize;
      const ByteView part = piece.first(std::min(piece.size(), kSegmentSize - within));
      store(segments[done / kSegmentSize], within, part);
      done += part.size();
      piece = piece.subspan(part.size());
    }
  });
}

void HiveBuilder::finish_values() {
  if (!values_open_) {
    return;
  }
  values_open_ = false;
  if (value_pointers_.empty()) {
    return;
  }
  const std::uint32_t list = allocate(value_pointers_.size() * sizeof(Le32));
  for (std::size_t i = 0; i < value_pointers_.size(); ++i) {
    store(list, i * sizeof(Le32), Le32{value_pointers_[i]});
  }
  const std::uint32_t key = frames_.back().pointer;
  store(key, offsetof(KeyRecord, value_count),
        Le32{static_cast<std::uint32_t>(value_pointers_.size())});
  store(key, offsetof(KeyRecord, value_list), Le32{list});
  value_pointers_.clear();
}

// ---- lists of subkeys ----

void HiveBuilder::write_subkey_list(const Frame& frame, KeyRecord& record) {
  const std::size_t count = children_.size() - frame.first_child;
  if (count == 0) {
    return;
  }
  record.subkey_count = static_cast<std::uint32_t>(count);
  record.subkey_list = write_lists(children_.data() + frame.first_child, count);
}

/// As Windows does: one leaf while it fits, then a list of leaves, which in old hives have no
/// hints.
std::uint32_t HiveBuilder::write_lists(const Child* children, std::size_t count) {
  const bool hashes = options_.minor_version >= 5;
  const Signature2& signature = hashes ? kHashLeafSignature : kFastLeafSignature;
  if (count <= kMaxHashLeafEntries) {
    return write_leaf(children, count, signature);
  }
  const std::size_t per_leaf = hashes ? kMaxHashLeafEntries : kMaxIndexLeafEntries;
  const std::size_t leaves = count / per_leaf + (count % per_leaf != 0 ? 1 : 0);
  if (leaves > kMaxListEntries) {
    fail_limit(fmt::format("{} subkeys of one key", count));
  }
  const std::uint32_t root = allocate(sizeof(ListHeader) + leaves * sizeof(Le32));
  store(root, 0, ListHeader{kIndexRootSignature, static_cast<std::uint16_t>(leaves)});
  for (std::size_t i = 0; i < leaves; ++i) {
    const std::size_t first = i * per_leaf;
    const std::uint32_t leaf = write_leaf(children + first, std::min(per_leaf, count - first),
                                          hashes ? kHashLeafSignature : kIndexLeafSignature);
    store(root, sizeof(ListHeader) + i * sizeof(Le32), Le32{leaf});
  }
  return root;
}

std::uint32_t HiveBuilder::write_leaf(const Child* children, std::size_t count,
                                      const Signature2& signature) {
  const bool index = signature == kIndexLeafSignature;
  const std::size_t stride = index ? sizeof(Le32) : sizeof(HashLeafEntry);
  const std::uint32_t leaf = allocate(sizeof(ListHeader) + count * stride);
  store(leaf, 0, ListHeader{signature, static_cast<std::uint16_t>(count)});
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t offset = sizeof(ListHeader) + i * stride;
    store(leaf, offset, Le32{children[i].pointer});
    if (!index) {
      store(leaf, offset + offsetof(HashLeafEntry, hash), Le32{children[i].hash});
    }
  }
  return leaf;
}

// ---- the end ----

void HiveBuilder::write_descriptor_ring() {
  const std::size_t count = used_descriptors_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Descriptor& descriptor = descriptors_[used_descriptors_[i]];
    SecurityRecord record{};
    record.signature = kSecuritySignature;
    record.next = descriptors_[used_descriptors_[(i + 1) % count]].pointer;
    record.previous = descriptors_[used_descriptors_[(i + count - 1) % count]].pointer;
    record.references = descriptor.references;
    record.descriptor_size = static_cast<std::uint32_t>(descriptor.bytes.size());
    store(descriptor.pointer, 0, record);
  }
}

void HiveBuilder::write_base_block() {
  BaseBlock block{};
  block.signature = kHiveSignature;
  block.primary_sequence = 1;
  block.secondary_sequence = 1;
  block.last_written = options_.last_written.ticks;
  block.major_version = 1;
  block.minor_version = options_.minor_version;
  block.file_format = 1;
  block.root = root_;
  block.bins_size = bin_end_;
  block.clustering_factor = 1;
  block.flags = options_.layered ? kHiveLayered : 0;
  const std::u16string& name = options_.file_name;
  const std::size_t kept = std::min(name.size(), block.file_name.size() - 1);
  std::copy(name.end() - static_cast<std::ptrdiff_t>(kept), name.end(), block.file_name.begin());
  block.checksum = checksum_of(block);
  std::memcpy(file_.data(), &block, sizeof(block));
}

Bytes HiveBuilder::finish() {
  close_bin();
  write_descriptor_ring();
  write_base_block();
  return std::move(file_);
}

}  // namespace cim::registry
