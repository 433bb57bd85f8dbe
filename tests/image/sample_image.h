// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A small image with one of everything, identical each time, and executables for tests.

#include <cstdint>
#include <filesystem>
#include <vector>

#include "cimlib/image_writer.h"

#include "base/bytes.h"

namespace cim::test {

struct SampleSection {
  std::uint32_t virtual_size = 0;
  std::uint32_t virtual_address = 0;
  std::uint32_t raw_size = 0;
  std::uint32_t raw_offset = 0;
};

/// An executable: valid by default, with fields that a test can change.
struct SamplePe {
  std::uint32_t section_alignment = 4096;
  std::uint32_t image_size = 0x4000;
  std::uint32_t headers_size = 0x400;
  std::uint16_t optional_magic = 0x20B;
  std::vector<SampleSection> sections = {{0x1100, 0x1000, 0x1200, 0x400},
                                         {0x500, 0x3000, 0x200, 0x1600}};
  std::uint32_t file_size = 0x1800;

  /// Returns the headers, and bytes that depend on their position for the rest.
  Bytes bytes() const;
};

inline ImagePath path(std::string_view text) {
  return ImagePath::parse(text);
}

/// Writes a file in one piece.
void put(ImageWriter& writer, std::string_view path, ByteView bytes,
         const FileMetadata& metadata = {});

/// Returns bytes that depend on their position.
Bytes pattern(std::size_t size, unsigned seed = 0);

FileMetadata directory_metadata();

inline const Guid kSampleGuid = *Guid::parse("c1a1b1e5-0000-4000-8000-000000000001");
WriterOptions sample_options();

/// Writes directories, small and page-aligned data, an expanded executable, zeros, a hard link,
/// streams, extended attributes and a reparse point.
void write_sample_image(const std::filesystem::path& image);

}  // namespace cim::test
