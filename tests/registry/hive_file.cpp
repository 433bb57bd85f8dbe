// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "hive_file.h"

#include "base/utf16.h"
#include "registry/format/base_block.h"
#include "registry/format/cell_map.h"

namespace cim::test {

using namespace cim::registry;

namespace {

constexpr std::size_t kFirstCell = kBaseBlockSize + sizeof(BinHeader);

}  // namespace

Bytes text_data(std::u16string_view text) {
  Bytes bytes;
  append_utf16_le(bytes, text);
  bytes.resize(bytes.size() + 2);
  return bytes;
}

Bytes value_bytes(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(i * 7 + i / 251);
  }
  return bytes;
}

MutableAttributes plain_attributes() {
  const ByteView descriptor = default_root_descriptor();
  return {FileTime{132'000'000'000'000'000},
          0,
          0,
          0,
          0,
          {},
          std::make_shared<const Bytes>(descriptor.begin(), descriptor.end())};
}

MutableKey& add_key(MutableKey& parent, std::u16string_view name, std::uint8_t layer) {
  MutableAttributes attributes = plain_attributes();
  attributes.layer = layer;
  return parent.add_subkey(std::u16string(name), std::move(attributes));
}

Hive hive_with(const std::function<void(MutableKey&)>& fill, bool layered) {
  MutableTree model(u"ROOT");
  fill(model.root());
  BuildOptions options;
  options.layered = layered;
  options.minor_version = layered ? 6 : 5;
  return Hive::from_bytes(model.to_bytes(options), "hive");
}

std::uint32_t HiveFile::u32(std::size_t offset) const {
  return load<Le32>(bytes_, offset);
}

std::uint16_t HiveFile::u16(std::size_t offset) const {
  return load<Le16>(bytes_, offset);
}

HiveFile& HiveFile::set_u32(std::size_t offset, std::uint32_t value) {
  const Le32 stored = value;
  std::memcpy(bytes_.data() + offset, &stored, sizeof(stored));
  return *this;
}

HiveFile& HiveFile::set_u16(std::size_t offset, std::uint16_t value) {
  const Le16 stored = value;
  std::memcpy(bytes_.data() + offset, &stored, sizeof(stored));
  return *this;
}

HiveFile& HiveFile::set_text(std::size_t offset, std::string_view text) {
  std::memcpy(bytes_.data() + offset, text.data(), text.size());
  return *this;
}

std::size_t HiveFile::follow(std::size_t offset) const {
  return kBaseBlockSize + kCellHeaderSize + std::size_t{u32(offset)};
}

HiveFile& HiveFile::free_cell(std::size_t record) {
  const std::size_t cell = record - kCellHeaderSize;
  return set_u32(cell, ~u32(cell) + 1);
}

HiveFile& HiveFile::fix_checksum() {
  return set_u32(offsetof(BaseBlock, checksum), checksum_of(load<BaseBlock>(bytes_, 0)));
}

std::optional<std::size_t> HiveFile::next_record(const Signature2& signature,
                                                 std::size_t from) const {
  for (std::size_t at = from; at + 8 <= bytes_.size(); at += 8) {
    const bool allocated = static_cast<std::int32_t>(u32(at)) < 0;
    if (allocated && load<Signature2>(bytes_, at + kCellHeaderSize) == signature) {
      return at + kCellHeaderSize;
    }
  }
  return std::nullopt;
}

std::size_t HiveFile::record(const Signature2& signature, int n) const {
  auto found = next_record(signature, kFirstCell);
  while (found && n-- > 0) {
    found = next_record(signature, *found + kCellHeaderSize);
  }
  return found.value();
}

std::size_t HiveFile::named(const Signature2& signature, std::string_view name,
                            std::size_t name_offset) const {
  auto found = next_record(signature, kFirstCell);
  while (found) {
    const ByteView rest = ByteView(bytes_).subspan(*found + name_offset);
    if (rest.size() >= name.size() && as_text(rest.first(name.size())) == name) {
      break;
    }
    found = next_record(signature, *found + kCellHeaderSize);
  }
  return found.value();
}

}  // namespace cim::test
