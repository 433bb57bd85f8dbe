// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A small image with one of everything, identical each time.

#include <filesystem>

#include "cimlib/image_writer.h"

#include "base/bytes.h"

namespace cim::test {

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
