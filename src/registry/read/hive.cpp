// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The public reader: thin objects over a validated HiveData, which is why none of them checks
// anything.
#include "cimlib/hive.h"

#include <array>
#include <compare>
#include <utility>

#include "cimlib/error.h"

#include "base/utf16.h"
#include "registry/format/name.h"
#include "registry/read/hive_data.h"

namespace cim::registry {
namespace {

constexpr std::array<std::string_view, 12> kTypeNames = {
    "REG_NONE",
    "REG_SZ",
    "REG_EXPAND_SZ",
    "REG_BINARY",
    "REG_DWORD",
    "REG_DWORD_BIG_ENDIAN",
    "REG_LINK",
    "REG_MULTI_SZ",
    "REG_RESOURCE_LIST",
    "REG_FULL_RESOURCE_DESCRIPTOR",
    "REG_RESOURCE_REQUIREMENTS_LIST",
    "REG_QWORD",
};

}  // namespace

// ---- values ----

std::string_view type_name(std::uint32_t type) noexcept {
  return type < kTypeNames.size() ? kTypeNames[type] : std::string_view();
}

std::string Value::name() const {
  return ValueView(data_->space(), pointer_).name().to_wtf8();
}

std::uint32_t Value::type() const noexcept {
  return ValueView(data_->space(), pointer_).type();
}

std::uint32_t Value::size() const noexcept {
  return ValueView(data_->space(), pointer_).size();
}

std::vector<std::byte> Value::data() const {
  return ValueView(data_->space(), pointer_).data().copy();
}

bool Value::is_tombstone() const noexcept {
  return ValueView(data_->space(), pointer_).is_tombstone();
}

// Windows does not require a terminating NUL, so one is removed if it is there.
std::optional<std::string> Value::text() const {
  const bool text = type() == kRegSz || type() == kRegExpandSz || type() == kRegLink;
  if (!text || size() % 2 != 0) {
    return std::nullopt;
  }
  std::u16string units = utf16_from_le(data());
  if (!units.empty() && units.back() == u'\0') {
    units.pop_back();
  }
  return to_wtf8(units);
}

std::optional<std::uint32_t> Value::dword() const {
  if (type() != kRegDword || size() != sizeof(Le32)) {
    return std::nullopt;
  }
  return load<Le32>(data(), 0);
}

std::optional<std::uint64_t> Value::number() const {
  const Bytes bytes = size() <= sizeof(Le64) ? data() : Bytes();
  if (type() == kRegQword && bytes.size() == sizeof(Le64)) {
    return load<Le64>(bytes, 0);
  }
  if (bytes.size() != sizeof(Le32)) {
    return std::nullopt;
  }
  const std::uint32_t number = load<Le32>(bytes, 0);
  if (type() == kRegDwordBigEndian) {
    return number >> 24U | (number >> 8U & 0xFF00U) | (number << 8U & 0xFF0000U) | number << 24U;
  }
  return type() == kRegDword ? std::optional<std::uint64_t>(number) : std::nullopt;
}

// The list ends with an empty string, which writers sometimes omit.
std::optional<std::vector<std::string>> Value::strings() const {
  if (type() != kRegMultiSz || size() % 2 != 0) {
    return std::nullopt;
  }
  const std::u16string units = utf16_from_le(data());
  std::u16string_view rest = units;
  for (int ends = 0; ends < 2 && rest.ends_with(u'\0'); ++ends) {
    rest.remove_suffix(1);
  }
  std::vector<std::string> strings;
  while (!rest.empty()) {
    const std::size_t end = rest.find(u'\0');
    strings.push_back(to_wtf8(rest.substr(0, end)));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  return strings;
}

Value ValueIterator::operator*() const noexcept {
  return {data_, load<Le32>(data_->space().bins,
                            list_ + kCellHeaderSize + sizeof(Le32) * std::size_t{index_})};
}

// ---- keys ----

std::string Key::name() const {
  return data_->key(pointer_).name().to_wtf8();
}

FileTime Key::time() const noexcept {
  return data_->key(pointer_).time();
}

std::optional<std::string> Key::class_name() const {
  const ByteView name = data_->key(pointer_).class_name();
  return name.empty() ? std::nullopt : std::optional(to_wtf8(utf16_from_le(name)));
}

std::span<const std::byte> Key::descriptor() const& noexcept {
  return data_->key(pointer_).descriptor();
}

bool Key::is_symbolic_link() const noexcept {
  return (flags() & kKeySymbolicLink) != 0;
}

std::uint16_t Key::flags() const noexcept {
  return data_->key(pointer_).flags();
}

std::uint8_t Key::control() const noexcept {
  return data_->key(pointer_).control();
}

std::uint8_t Key::debug() const noexcept {
  return data_->key(pointer_).debug();
}

LayerSemantics Key::layer() const noexcept {
  return static_cast<LayerSemantics>(data_->key(pointer_).layer() & kLayerSemanticsMask);
}

bool Key::inherits_class() const noexcept {
  return (data_->key(pointer_).layer() & kLayerInheritClass) != 0;
}

std::uint32_t Key::subkey_count() const noexcept {
  return data_->key(pointer_).subkey_count();
}

SubkeyRange Key::subkeys() const noexcept {
  return SubkeyRange(*this);
}

std::optional<Key> Key::subkey(std::string_view name) const {
  const NameBuffer wanted(utf16_name(name));
  const std::uint32_t found = find_subkey(data_->key(pointer_), wanted.name());
  return found == kNil ? std::nullopt : std::optional(Key(data_, found));
}

ValueRange Key::values() const noexcept {
  const KeyView key = data_->key(pointer_);
  return {data_, key.value_list(), key.value_count()};
}

// Values are not sorted, and a key rarely has many.
std::optional<Value> Key::value(std::string_view name) const {
  const NameBuffer wanted(utf16_name(name));
  for (Value value : values()) {
    if (std::is_eq(compare(ValueView(data_->space(), value.pointer_).name(), wanted.name()))) {
      return value;
    }
  }
  return std::nullopt;
}

SubkeyIterator::SubkeyIterator(const Key& key) noexcept
    : data_(key.data_), remaining_(key.subkey_count()) {
  if (remaining_ == 0) {
    return;
  }
  list_ = data_->key(key.pointer_).subkey_list();
  const ByteView bins = data_->space().bins;
  leaf_ = is_index_root(bins, list_) ? leaf_of_index_root(bins, list_, 0) : list_;
}

Key SubkeyIterator::operator*() const noexcept {
  return {data_, LeafView(data_->space().bins, leaf_).key_pointer(index_)};
}

SubkeyIterator& SubkeyIterator::operator++() noexcept {
  const ByteView bins = data_->space().bins;
  ++index_;
  if (--remaining_ > 0 && index_ == LeafView(bins, leaf_).size()) {
    index_ = 0;
    leaf_ = leaf_of_index_root(bins, list_, ++leaf_index_);
  }
  return *this;
}

// ---- hives ----

const std::shared_ptr<const HiveData>& data_of(const Hive& hive) noexcept {
  return hive.data_;
}

Hive::Hive(std::shared_ptr<const HiveData> data) noexcept : data_(std::move(data)) {}
Hive::Hive(Hive&&) noexcept = default;
Hive& Hive::operator=(Hive&&) noexcept = default;
Hive::~Hive() = default;

Hive Hive::open(const std::filesystem::path& path, const OpenOptions& options) {
  return from_bytes(read_hive_file(path), path.string(), options);
}

Hive Hive::from_bytes(std::vector<std::byte> bytes, std::string name, const OpenOptions& options) {
  std::vector<LogFile> logs;
  logs.reserve(options.logs.size());
  for (const std::filesystem::path& log : options.logs) {
    logs.push_back({log.string(), read_hive_file(log)});
  }
  return from_bytes(std::move(bytes), std::move(name), logs, options);
}

Hive Hive::from_bytes(std::vector<std::byte> bytes, std::string name, std::span<const LogFile> logs,
                      const OpenOptions& options) {
  return Hive(std::make_shared<const HiveData>(std::move(bytes), std::move(name), logs, options));
}

std::span<const std::byte> Hive::bytes() const& noexcept {
  return data_->bytes();
}

Key Hive::root() const noexcept {
  return {data_, data_->root().pointer()};
}

std::optional<Key> Hive::find(std::string_view path) const {
  std::optional<Key> key = root();
  for (const std::string_view name : split_path(path)) {
    key = key->subkey(name);
    if (!key) {
      break;
    }
  }
  return key;
}

std::optional<std::string> Hive::spelled_path(std::string_view path) const {
  std::string spelled;
  std::optional<Key> key = root();
  for (const std::string_view name : split_path(path)) {
    key = key->subkey(name);
    if (!key) {
      return std::nullopt;
    }
    spelled += spelled.empty() ? "" : "\\";
    spelled += key->name();
  }
  return spelled;
}

std::uint32_t Hive::minor_version() const noexcept {
  return data_->space().minor_version;
}
bool Hive::is_layered() const noexcept {
  return data_->space().layered;
}
bool Hive::is_dirty() const noexcept {
  return data_->is_dirty();
}
bool Hive::is_recovered() const noexcept {
  return data_->is_recovered();
}
std::uint64_t Hive::key_count() const noexcept {
  return data_->facts().keys;
}
std::uint64_t Hive::value_count() const noexcept {
  return data_->facts().values;
}
FileTime Hive::last_written() const noexcept {
  return {data_->head().last_written};
}

}  // namespace cim::registry
