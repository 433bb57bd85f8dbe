// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A key is opened, that is decoded with all its values and the names of its subkeys, on first use.
// Keys that are never opened are copied from the source when the hive is written.
#include "registry/edit/mutable_tree.h"

#include <algorithm>
#include <array>
#include <compare>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/upcase.h"
#include "base/utf16.h"
#include "registry/format/name.h"
#include "registry/write/hive_builder.h"

namespace cim::registry {
namespace {

/// The limit that Win32 enforces.
constexpr std::size_t kMaxKeyNameUnits = 255;

std::shared_ptr<const Bytes> default_descriptor() {
  const ByteView bytes = default_root_descriptor();
  return std::make_shared<const Bytes>(bytes.begin(), bytes.end());
}

[[noreturn]] void throw_taken(std::u16string_view name) {
  throw Error(ErrorCode::kExists, to_wtf8(name), "a key of this name already exists");
}

}  // namespace

// Offline editing follows the rules of the Win32 interface.
void check_key_name(std::u16string_view name) {
  if (name.empty() || name.size() > kMaxKeyNameUnits ||
      name.find(u'\\') != std::u16string_view::npos) {
    throw Error(ErrorCode::kInvalidArgument, to_wtf8(name),
                "not a valid key name, which has 1 to 255 characters and no backslash");
  }
}

ByteView default_root_descriptor() noexcept {
  static constexpr std::array<std::uint8_t, 144> kDescriptor{
      // Self-relative with a DACL; owner at 0x70, group at 0x80, DACL at 0x14 with four entries.
      0x01, 0x00, 0x04, 0x80, 0x70, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x14, 0x00, 0x00, 0x00, 0x02, 0x00, 0x5C, 0x00, 0x04, 0x00, 0x00, 0x00,
      // SYSTEM: full access
      0x00, 0x02, 0x14, 0x00, 0x3F, 0x00, 0x0F, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x05, 0x12, 0x00, 0x00, 0x00,
      // Administrators: full access
      0x00, 0x02, 0x18, 0x00, 0x3F, 0x00, 0x0F, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x05, 0x20, 0x00, 0x00, 0x00, 0x20, 0x02, 0x00, 0x00,
      // Everyone: read
      0x00, 0x02, 0x14, 0x00, 0x19, 0x00, 0x02, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x01, 0x00, 0x00, 0x00, 0x00,
      // Restricted: read
      0x00, 0x02, 0x14, 0x00, 0x19, 0x00, 0x02, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x05, 0x0C, 0x00, 0x00, 0x00,
      // Owner and group: Administrators
      0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x20, 0x00, 0x00, 0x00, 0x20, 0x02, 0x00,
      0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x20, 0x00, 0x00, 0x00, 0x20, 0x02,
      0x00, 0x00};
  return std::as_bytes(std::span(kDescriptor));
}

// ---- keys ----

MutableKey::MutableKey(std::u16string_view name, MutableAttributes attributes, MutableKey* parent)
    : parent_(parent),
      depth_(parent == nullptr ? 0 : parent->depth_ + 1),
      open_(true),
      attributes_(std::move(attributes)),
      own_name_(name) {}

MutableKey::MutableKey(const KeyView& source, MutableKey* parent)
    : source_(source), parent_(parent), depth_(parent == nullptr ? 0 : parent->depth_ + 1) {}

void MutableKey::check_depth_below(std::size_t levels) const {
  if (levels >= kMaxDepth - depth_) {
    throw Error(ErrorCode::kLimit, name().to_wtf8(),
                fmt::format("keys nested more than {} levels deep", kMaxDepth));
  }
}

void MutableKey::open() {
  if (!open_) {
    decode(*source_);
    open_ = true;
  }
}

// Subkeys become keys that are not open, in the order of the source, so that inserting each at the
// end is cheap.
void MutableKey::decode(const KeyView& key) {
  const ByteView class_name = key.class_name();
  const ByteView descriptor = key.descriptor();
  own_name_ = NameBuffer(key.name());
  attributes_ = {key.time(),
                 static_cast<std::uint16_t>(key.flags() & kKeyKeptFlags),
                 key.layer(),
                 key.control(),
                 key.debug(),
                 Bytes(class_name.begin(), class_name.end()),
                 std::make_shared<const Bytes>(descriptor.begin(), descriptor.end())};
  const ValueListView values = key.values();
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    const ValueView value = values[i];
    append({value.name().to_utf16(), value.type(), value.data().copy(), value.is_tombstone()});
  }
  for (SubkeyCursor child(key); !child.done(); child.next()) {
    subkeys_.insert(subkeys_.end(), std::make_unique<MutableKey>(child.key(), this));
  }
}

MutableAttributes& MutableKey::attributes() {
  open();
  return attributes_;
}

MutableKey::Subkeys::iterator MutableKey::find_subkey(const Name& name) {
  open();
  return subkeys_.find(name);
}

MutableKey* MutableKey::find_subkey(std::u16string_view name) {
  const auto found = find_subkey(NameBuffer(name).name());
  return found != subkeys_.end() ? found->get() : nullptr;
}

std::size_t MutableKey::subkey_count() {
  open();
  return subkeys_.size();
}

MutableKey& MutableKey::subkey_at(std::size_t index) {
  open();
  return **subkey_cursor_.at(subkeys_, index);
}

MutableKey& MutableKey::add_subkey(std::u16string_view name, MutableAttributes attributes) {
  check_key_name(name);
  check_depth_below(1);
  open();
  const auto [place, is_new] =
      subkeys_.insert(std::make_unique<MutableKey>(name, std::move(attributes), this));
  if (!is_new) {
    throw_taken(name);
  }
  subkey_cursor_.reset();
  return **place;
}

bool MutableKey::remove_subkey(std::u16string_view name) {
  const auto found = find_subkey(NameBuffer(name).name());
  if (found == subkeys_.end()) {
    return false;
  }
  subkeys_.erase(found);
  subkey_cursor_.reset();
  return true;
}

// The order of the parent's subkeys depends on the name, so the key is taken out meanwhile.
void MutableKey::rename(std::u16string_view name) {
  check_key_name(name);
  open();
  NameBuffer wanted(name);
  Subkeys& siblings = parent_->subkeys_;
  const auto taken = siblings.find(wanted.name());
  if (taken != siblings.end() && taken->get() != this) {
    throw_taken(name);
  }
  auto self = siblings.extract(siblings.find(own_name_.name()));
  own_name_ = std::move(wanted);
  siblings.insert(std::move(self));
  parent_->subkey_cursor_.reset();
}

// ---- values ----

bool MutableKey::IgnoringCase::operator()(std::u16string_view a,
                                          std::u16string_view b) const noexcept {
  return std::is_lt(compare_ignoring_case(a, b));
}

// A damaged hive may have several values of one name; the first counts.
MutableKey::ValueNames::iterator MutableKey::find_value(std::u16string_view name) {
  open();
  const auto [first, end] = value_names_.equal_range(name);
  return first != end ? first : value_names_.end();
}

std::size_t MutableKey::value_count() {
  open();
  return values_.size();
}

const MutableValue& MutableKey::value_at(std::size_t index) {
  open();
  return *value_cursor_.at(values_, index);
}

const MutableValue* MutableKey::value(std::u16string_view name) {
  const auto found = find_value(name);
  return found != value_names_.end() ? &*found->second : nullptr;
}

void MutableKey::append(MutableValue value) {
  value_cursor_.reset();
  const auto place = values_.insert(values_.end(), std::move(value));
  value_names_.emplace_hint(value_names_.end(), place->name, place);
}

void MutableKey::add_value(MutableValue value) {
  open();
  append(std::move(value));
}

// A replaced value keeps its position and spelling.
void MutableKey::set_value(MutableValue value) {
  const auto found = find_value(value.name);
  if (found == value_names_.end()) {
    append(std::move(value));
    return;
  }
  MutableValue& present = *found->second;
  present.type = value.type;
  present.data = std::move(value.data);
  present.tombstone = value.tombstone;
}

bool MutableKey::remove_value(std::u16string_view name) {
  const auto found = find_value(name);
  if (found == value_names_.end()) {
    return false;
  }
  const auto value = found->second;
  value_names_.erase(found);
  values_.erase(value);
  value_cursor_.reset();
  return true;
}

// ---- writing ----

// A key that was never opened is copied with everything below it, cell by cell.
void MutableKey::write(HiveBuilder& builder, SubtreeCopier& source) const {
  if (!open_) {
    source.copy(*source_);
    return;
  }
  write_own(builder);
  for (const std::unique_ptr<MutableKey>& subkey : subkeys_) {
    subkey->write(builder, source);
  }
  builder.end_key();
}

void MutableKey::write_own(HiveBuilder& builder) const {
  builder.begin_key({own_name_.name(), attributes_.time, attributes_.flags, attributes_.layer,
                     attributes_.control, attributes_.debug, attributes_.class_name,
                     builder.descriptor(*attributes_.descriptor)});
  for (const MutableValue& value : values_) {
    const NameBuffer value_name(value.name);
    builder.add_value({value_name.name(), value.type, DataView(value.data), value.tombstone});
  }
}

// ---- hives ----

MutableTree::MutableTree(std::u16string_view root_name, FileTime time)
    : root_(std::make_unique<MutableKey>(
          root_name, MutableAttributes{time, 0, 0, 0, 0, {}, default_descriptor()}, nullptr)) {}

MutableTree::MutableTree(std::shared_ptr<const HiveData> source)
    : source_(std::move(source)), root_(std::make_unique<MutableKey>(source_->root(), nullptr)) {}

MutableKey* MutableTree::find(std::span<const std::u16string> path) {
  MutableKey* key = root_.get();
  for (const std::u16string& name : path) {
    key = key->find_subkey(name);
    if (key == nullptr) {
      break;
    }
  }
  return key;
}

Bytes MutableTree::to_bytes(BuildOptions options, const MutableKey& key) {
  HiveBuilder builder(std::move(options));
  SubtreeCopier copier(builder);
  key.write(builder, copier);
  return builder.finish();
}

}  // namespace cim::registry
