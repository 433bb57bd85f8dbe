// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/sample_pe.h"

#include <cstring>

#include "base/endian.h"

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

}  // namespace cim::test
