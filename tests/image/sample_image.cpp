// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/sample_image.h"

#include <cstring>

#include "base/endian.h"
#include "hex.h"

namespace cim::test {
namespace {

constexpr std::size_t kPeOffset = 0x80;
constexpr std::size_t kOptionalSize = 240;

void put16(Bytes& bytes, std::size_t at, std::uint16_t value) {
  const Le16 disk(value);
  std::memcpy(&bytes.at(at), &disk, sizeof disk);
}

void put32(Bytes& bytes, std::size_t at, std::uint32_t value) {
  const Le32 disk(value);
  std::memcpy(&bytes.at(at), &disk, sizeof disk);
}

}  // namespace

Bytes SamplePe::bytes() const {
  Bytes file(file_size);
  for (std::size_t i = 0; i < file.size(); ++i) {
    file[i] = static_cast<std::byte>(i % 251 + 1);
  }
  std::memcpy(file.data(), "MZ", 2);
  put32(file, 60, kPeOffset);
  std::memcpy(&file[kPeOffset], "PE\0\0", 4);
  put16(file, kPeOffset + 6, static_cast<std::uint16_t>(sections.size()));
  put16(file, kPeOffset + 20, kOptionalSize);
  const std::size_t optional = kPeOffset + 24;
  put16(file, optional, optional_magic);
  put32(file, optional + 32, section_alignment);
  put32(file, optional + 56, image_size);
  put32(file, optional + 60, headers_size);
  std::size_t at = optional + kOptionalSize;
  for (const SampleSection& section : sections) {
    put32(file, at + 8, section.virtual_size);
    put32(file, at + 12, section.virtual_address);
    put32(file, at + 16, section.raw_size);
    put32(file, at + 20, section.raw_offset);
    at += 40;
  }
  return file;
}

void put(ImageWriter& writer, std::string_view text, ByteView bytes, const FileMetadata& metadata) {
  writer.add(path(text), metadata, bytes.size());
  writer.write(bytes);
}

Bytes pattern(std::size_t size, unsigned seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>((i + seed) % 253 + 1);
  }
  return bytes;
}

FileMetadata directory_metadata() {
  return {.attributes = attribute::kDirectory};
}

WriterOptions sample_options() {
  return {.region_set = kSampleGuid, .now = FileTime{132444736001234567U}};
}

void write_sample_image(const std::filesystem::path& image) {
  ImageWriter writer(image, sample_options());
  writer.add(path("Files"), directory_metadata());
  writer.add(path("Files/empty"), directory_metadata());
  put(writer, "Files/small.txt", as_bytes("small"),
      {.attributes = attribute::kReadOnly | attribute::kHidden, .times = {{1}, {2}, {3}, {4}}});
  put(writer, "Files/page.bin", pattern(5000));
  put(writer, "Files/again.bin", pattern(5000));
  put(writer, "Files/program.exe", SamplePe{.file_size = 0x1900}.bytes());
  put(writer, "Files/zeros.bin", Bytes(10000));
  put(writer, "Files/nothing", Bytes());
  writer.add_alternate_stream({path("Files/small.txt"), u"Zone.Identifier"}, 3);
  writer.write(as_bytes("[Z]"));
  writer.add_alternate_stream({path("Files/small.txt"), u"big"}, 4096);
  writer.write(pattern(4096, 1));
  writer.add_link(path("Files/link.txt"), path("Files/small.txt"));
  const Bytes eas = from_hex("00000000 00 01 0300 41 00 78797a 000000");
  put(writer, "Files/eas", as_bytes("e"), {.extended_attributes = eas});
  const Bytes reparse =
      from_hex("0c0000a0 1800 0000 0000 0400 0600 0400 01000000 5c0062000000 5c0062000000");
  writer.add(path("Files/symlink"), {.reparse_data = reparse});
  writer.commit();
}

}  // namespace cim::test
