// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/model.h"

#include <algorithm>
#include <array>
#include <compare>
#include <utility>

#include "cimlib/error.h"

#include "base/upcase.h"
#include "base/utf16.h"
#include "registry/path.h"
#include "registry/subtree_copier.h"

namespace cim::registry {
namespace {

/// As Win32 limits it.
constexpr std::size_t kMaxKeyNameUnits = 255;

void check_key_name(std::u16string_view name) {
  if (name.empty() || name.size() > kMaxKeyNameUnits ||
      name.find(u'\\') != std::u16string_view::npos) {
    throw Error(ErrorCode::kInvalidArgument, to_wtf8(name),
                "not a name for a key: 1 to 255 characters without a backslash are");
  }
}

std::shared_ptr<const Bytes> default_descriptor() {
  const ByteView bytes = default_root_descriptor();
  return std::make_shared<const Bytes>(bytes.begin(), bytes.end());
}

}  // namespace

ByteView default_root_descriptor() noexcept {
  static constexpr std::array<std::uint8_t, 144> kDescriptor{
      // Self-relative with a DACL; owner at 0x70, group at 0x80, DACL at 0x14 with four entries.
      0x01, 0x00, 0x04, 0x80, 0x70, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x14, 0x00, 0x00, 0x00, 0x02, 0x00, 0x5C, 0x00, 0x04, 0x00, 0x00, 0x00,
      // SYSTEM: all
      0x00, 0x02, 0x14, 0x00, 0x3F, 0x00, 0x0F, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x05, 0x12, 0x00, 0x00, 0x00,
      // Administrators: all
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

ModelKey::ModelKey(std::u16string_view name, ModelAttributes attributes)
    : open_(true), attributes_(std::move(attributes)), own_name_(name) {}

void ModelKey::open() {
  if (open_) {
    return;
  }
  const KeyView& key = *source_;
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
  values_.reserve(values.size());
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    const ValueView value = values[i];
    values_.push_back(
        {value.name().to_utf16(), value.type(), value.data().copy(), value.is_tombstone()});
  }
  subkeys_.reserve(key.subkey_count());
  for (SubkeyCursor child(key); !child.done(); child.next()) {
    subkeys_.push_back(std::make_unique<ModelKey>(child.key()));
  }
  open_ = true;
}

ModelAttributes& ModelKey::attributes() {
  open();
  return attributes_;
}

std::vector<ModelValue>& ModelKey::values() {
  open();
  return values_;
}

std::size_t ModelKey::subkey_count() {
  open();
  return subkeys_.size();
}

ModelKey& ModelKey::subkey(std::size_t i) {
  open();
  return *subkeys_.at(i);
}

ModelKey::Subkeys::iterator ModelKey::place_of(const Name& name) {
  open();
  return std::lower_bound(subkeys_.begin(), subkeys_.end(), name,
                          [](const std::unique_ptr<ModelKey>& key, const Name& wanted) {
                            return std::is_lt(compare(key->name(), wanted));
                          });
}

ModelKey* ModelKey::find_subkey(std::u16string_view name) {
  const NameBuffer wanted(name);
  const auto place = place_of(wanted.name());
  const bool found =
      place != subkeys_.end() && std::is_eq(compare((*place)->name(), wanted.name()));
  return found ? place->get() : nullptr;
}

ModelKey& ModelKey::add_subkey(std::u16string_view name, ModelAttributes attributes) {
  check_key_name(name);
  const NameBuffer wanted(name);
  const auto place = place_of(wanted.name());
  if (place != subkeys_.end() && std::is_eq(compare((*place)->name(), wanted.name()))) {
    throw Error(ErrorCode::kExists, to_wtf8(name), "a key of this name is there already");
  }
  return **subkeys_.insert(place, std::make_unique<ModelKey>(name, std::move(attributes)));
}

bool ModelKey::remove_subkey(std::u16string_view name) {
  const NameBuffer wanted(name);
  const auto place = place_of(wanted.name());
  if (place == subkeys_.end() || std::is_neq(compare((*place)->name(), wanted.name()))) {
    return false;
  }
  subkeys_.erase(place);
  return true;
}

// ---- values ----

ModelValue* ModelKey::find_value(std::u16string_view name) {
  open();
  const auto found = std::find_if(values_.begin(), values_.end(), [name](const ModelValue& value) {
    return std::is_eq(compare_ignoring_case(value.name, name));
  });
  return found != values_.end() ? &*found : nullptr;
}

void ModelKey::set_value(ModelValue value) {
  ModelValue* const present = find_value(value.name);
  if (present == nullptr) {
    values_.push_back(std::move(value));
    return;
  }
  value.name = std::move(present->name);
  *present = std::move(value);
}

bool ModelKey::remove_value(std::u16string_view name) {
  const ModelValue* const present = find_value(name);
  if (present == nullptr) {
    return false;
  }
  values_.erase(values_.begin() + (present - values_.data()));
  return true;
}

// ---- writing ----

void ModelKey::write(HiveBuilder& builder, SubtreeCopier& source) const {
  if (!open_) {
    source.copy(*source_);
    return;
  }
  write_own(builder);
  for (const std::unique_ptr<ModelKey>& subkey : subkeys_) {
    subkey->write(builder, source);
  }
  builder.end_key();
}

void ModelKey::write_own(HiveBuilder& builder) const {
  builder.begin_key({own_name_.name(), attributes_.time, attributes_.flags, attributes_.layer,
                     attributes_.control, attributes_.debug, attributes_.class_name,
                     builder.descriptor(*attributes_.descriptor)});
  for (const ModelValue& value : values_) {
    const NameBuffer value_name(value.name);
    builder.add_value({value_name.name(), value.type, DataView(value.data), value.tombstone});
  }
}

// ---- hives ----

Model::Model(std::u16string_view root_name, FileTime time)
    : root_(root_name, ModelAttributes{time, 0, 0, 0, 0, {}, default_descriptor()}) {}

Model::Model(std::shared_ptr<const HiveImage> source)
    : source_(std::move(source)), root_(source_->root()) {}

ModelKey* Model::find(std::string_view path) {
  ModelKey* key = &root_;
  for (const std::string_view name : split_path(path)) {
    key = key->find_subkey(utf16_name(name));
    if (key == nullptr) {
      break;
    }
  }
  return key;
}

Bytes Model::to_bytes(BuildOptions options) const {
  HiveBuilder builder(std::move(options));
  SubtreeCopier copier(builder);
  root_.write(builder, copier);
  return builder.finish();
}

}  // namespace cim::registry
