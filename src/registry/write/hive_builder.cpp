// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Keys are written in the order in which they come, so a key's record is allocated before its
// subkeys and completed after them: their list and the longest names below it are known only then.
#include "registry/write/hive_builder.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "registry/format/base_block.h"
#include "registry/write/cell_writer.h"

namespace cim::registry {
namespace {

constexpr std::size_t kMaxNameSize = 0xFFFF;

}  // namespace

HiveBuilder::HiveBuilder(BuildOptions options)
    : options_(std::move(options)),
      cells_(options_.subject, options_.last_written, options_.expected_size) {}

/// Returns the name in the form that Windows stores; valid until the next call.
Name HiveBuilder::shortest(const Name& name) {
  if (name.compressed() || !name.compressible()) {
    return name;
  }
  recoded_name_ = NameBuffer(name);
  return recoded_name_.name();
}

// ---- keys ----

void HiveBuilder::check_key(const KeyContent& key, const Name& name) const {
  if (name.empty() || name.stored().size() > kMaxKeyNameSize) {
    cells_.fail_limit(fmt::format("a key's name of {} characters", name.units()));
  }
  if (key.class_name.size() > kMaxNameSize) {
    cells_.fail_limit(fmt::format("a class name of {} bytes", key.class_name.size()));
  }
  if (frames_.size() >= kMaxDepth) {
    cells_.fail_limit("keys nested more than 512 levels deep");
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
  const std::uint32_t pointer = cells_.allocate(sizeof(record) + name.stored().size());
  cells_.store(pointer, sizeof(record), name.stored());
  record.security = descriptors_.use(key.descriptor, cells_);
  record.class_name = write_class(key.class_name);
  cells_.store(pointer, 0, record);
  note_in_parent(pointer, key, name);
  frames_.push_back({pointer, children_.size(), 0, 0, 0, 0});
  values_open_ = true;
  ++keys_;
}

std::uint32_t HiveBuilder::write_class(ByteView name) {
  if (name.empty()) {
    return kNil;
  }
  const std::uint32_t pointer = cells_.allocate(name.size());
  cells_.store(pointer, 0, name);
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
  // The entry joins those of the parent's other children; entries of this key's own subkeys are
  // stacked above it.
  children_.push_back({pointer, subkey_hash(name, options_.minor_version)});
}

// The subkeys of the key are the last elements of children_, since all keys inside it have ended.
void HiveBuilder::end_key() {
  finish_values();
  const Frame frame = frames_.back();
  frames_.pop_back();
  auto record = cells_.record<KeyRecord>(frame.pointer);
  if (const auto subkeys = std::span(children_).subspan(frame.first_child); !subkeys.empty()) {
    record.subkey_count = static_cast<std::uint32_t>(subkeys.size());
    record.subkey_list = write_subkey_lists(cells_, subkeys, options_.minor_version);
  }
  record.largest_subkey_name = static_cast<std::uint16_t>(frame.largest_subkey_name);
  record.largest_subkey_class = frame.largest_subkey_class;
  record.largest_value_name = frame.largest_value_name;
  record.largest_value_data = frame.largest_value_data;
  cells_.store(frame.pointer, 0, record);
  children_.resize(frame.first_child);
}

// ---- values ----

void HiveBuilder::add_value(const ValueContent& value) {
  const Name name = shortest(value.name);
  if (name.stored().size() > kMaxNameSize) {
    cells_.fail_limit(fmt::format("a value's name of {} characters", name.units()));
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
    write_value_data(cells_, record, value.data, options_.minor_version);
    Frame& frame = frames_.back();
    frame.largest_value_data =
        std::max(frame.largest_value_data, static_cast<std::uint32_t>(value.data.size()));
  }
  frames_.back().largest_value_name =
      std::max(frames_.back().largest_value_name, name.utf16_size());
  const std::uint32_t pointer = cells_.allocate(sizeof(record) + name.stored().size());
  cells_.store(pointer, 0, record);
  cells_.store(pointer, sizeof(record), name.stored());
  value_pointers_.push_back(pointer);
  ++values_;
}

/// Writes the list of values once no more can follow: at the first subkey, or at the key's end.
void HiveBuilder::finish_values() {
  if (!values_open_) {
    return;
  }
  values_open_ = false;
  if (value_pointers_.empty()) {
    return;
  }
  const std::uint32_t list = cells_.allocate(value_pointers_.size() * sizeof(Le32));
  for (std::size_t i = 0; i < value_pointers_.size(); ++i) {
    cells_.store(list, i * sizeof(Le32), Le32{value_pointers_[i]});
  }
  const std::uint32_t key = frames_.back().pointer;
  cells_.store(key, offsetof(KeyRecord, value_count),
               Le32{static_cast<std::uint32_t>(value_pointers_.size())});
  cells_.store(key, offsetof(KeyRecord, value_list), Le32{list});
  value_pointers_.clear();
}

// ---- finishing ----

Bytes HiveBuilder::finish() {
  const std::uint32_t bins_size = cells_.close();
  descriptors_.write_ring(cells_);
  Bytes file = cells_.take();
  const BaseBlock block = base_block(bins_size);
  std::memcpy(file.data(), &block, sizeof(block));
  return file;
}

/// Both sequence numbers are 1: a hive that was completely written.
BaseBlock HiveBuilder::base_block(std::uint32_t bins_size) const {
  BaseBlock block{};
  block.signature = kHiveSignature;
  block.primary_sequence = 1;
  block.secondary_sequence = 1;
  block.last_written = options_.last_written.ticks;
  block.major_version = 1;
  block.minor_version = options_.minor_version;
  block.file_format = 1;
  block.root = root_;
  block.bins_size = bins_size;
  block.clustering_factor = 1;
  block.flags = options_.layered ? kHiveLayered : 0;
  const std::u16string& name = options_.file_name;
  const std::size_t kept = std::min(name.size(), block.file_name.size() - 1);
  std::copy(name.end() - static_cast<std::ptrdiff_t>(kept), name.end(), block.file_name.begin());
  block.checksum = checksum_of(block);
  return block;
}

// ---- copying ----

DescriptorId SubtreeCopier::descriptor_of(const KeyView& key) {
  const std::uint32_t pointer = key.security_pointer();
  if (pointer == last_pointer_) {
    return last_id_;
  }
  const auto known = descriptors_.find(pointer);
  last_id_ = known != descriptors_.end() ? known->second : builder_.descriptor(key.descriptor());
  if (known == descriptors_.end()) {
    descriptors_.emplace(pointer, last_id_);
  }
  last_pointer_ = pointer;
  return last_id_;
}

KeyContent SubtreeCopier::content_of(const KeyView& key) {
  KeyContent content;
  content.name = key.name();
  content.time = key.time();
  content.flags = key.flags();
  content.layer = key.layer();
  content.control = key.control();
  content.debug = key.debug();
  content.class_name = key.class_name();
  content.descriptor = descriptor_of(key);
  return content;
}

ValueContent SubtreeCopier::content_of(const ValueView& value) {
  return {value.name(), value.type(), value.data(), value.is_tombstone()};
}

void SubtreeCopier::copy_values(const KeyView& key) {
  const ValueListView values = key.values();
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    builder_.add_value(content_of(values[i]));
  }
}

// The recursion is bounded: a validated hive has at most kMaxDepth levels.
void SubtreeCopier::copy(const KeyView& key) {
  builder_.begin_key(content_of(key));
  copy_values(key);
  for (SubkeyCursor child(key); !child.done(); child.next()) {
    copy(child.key());
  }
  builder_.end_key();
}

}  // namespace cim::registry
