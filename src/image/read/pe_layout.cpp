// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/pe_layout.h"

#include <cstddef>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "base/checked_math.h"
#include "base/endian.h"

namespace cim {
namespace {

constexpr std::uint32_t kMemoryPage = 4096;

// Windows does not load images with more sections.
constexpr std::uint16_t kMaxSections = 96;

// Zeros of the expanded form are stored, so an image that would consist mostly of them is stored as
// it is.
constexpr std::uint64_t kMaxGrowth = 8;

// The structures of the PE format ([PE]: "Microsoft Portable Executable and COFF Specification").
struct DosHeader {
  std::array<std::byte, 2> magic;     // 0, "MZ"
  std::array<std::byte, 58> skipped;  // 2
  Le32 pe_offset;                     // 60
};
static_assert(sizeof(DosHeader) == 64);

struct CoffHeader {
  std::array<std::byte, 4> signature;  // 0, "PE\0\0"
  Le16 machine;                        // 4
  Le16 section_count;                  // 6
  std::array<std::byte, 12> skipped;   // 8
  Le16 optional_header_size;           // 20
  Le16 characteristics;                // 22
};
static_assert(sizeof(CoffHeader) == 24);

// The part of the optional header that its 32-bit and 64-bit forms share.
struct OptionalHeader {
  Le16 magic;                          // 0, 0x10B or 0x20B
  std::array<std::byte, 30> skipped;   // 2
  Le32 section_alignment;              // 32
  Le32 file_alignment;                 // 36
  std::array<std::byte, 16> skipped2;  // 40
  Le32 image_size;                     // 56
  Le32 headers_size;                   // 60
};
static_assert(sizeof(OptionalHeader) == 64);

struct SectionHeader {
  std::array<std::byte, 8> name;      // 0
  Le32 virtual_size;                  // 8
  Le32 virtual_address;               // 12
  Le32 raw_size;                      // 16
  Le32 raw_offset;                    // 20
  std::array<std::byte, 16> skipped;  // 24
};
static_assert(sizeof(SectionHeader) == 40);

template <DiskStruct T>
std::optional<T> read_at(ByteView bytes, std::uint64_t offset) {
  if (!fits_within(offset, sizeof(T), bytes.size())) {
    return std::nullopt;
  }
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

constexpr std::uint64_t round_to_page(std::uint64_t value) {
  return (value + kMemoryPage - 1) & ~std::uint64_t{kMemoryPage - 1};
}

// Visits the sections in their order and collects the mappings.
class Sections {
 public:
  Sections(std::uint64_t file_size, std::uint32_t headers_size)
      : file_size_(file_size), memory_end_(round_to_page(headers_size)) {}

  /// Returns what is wrong with the next section, or nullopt.
  std::optional<std::string_view> add(const SectionHeader& section) {
    const std::uint64_t address = section.virtual_address;
    const std::uint64_t raw_size = section.raw_size;
    const std::uint64_t extent =
        round_to_page(section.virtual_size != 0 ? section.virtual_size : section.raw_size);
    if (address % kMemoryPage != 0) {
      return "a section is not page-aligned in memory";
    }
    if (address < memory_end_) {
      return "sections overlap or are out of order in memory";
    }
    memory_end_ = address + extent;
    if (raw_size == 0) {
      return std::nullopt;
    }
    if (raw_size > extent) {
      return "a section has more data than space in memory";
    }
    return add_data(section.raw_offset, raw_size, address, address + extent);
  }

  std::uint64_t memory_end() const noexcept { return memory_end_; }
  std::uint64_t file_end() const noexcept { return file_end_; }

  std::vector<format::PeMapping> mappings;

 private:
  std::optional<std::string_view> add_data(std::uint64_t raw_offset, std::uint64_t raw_size,
                                           std::uint64_t address, std::uint64_t room_end) {
    if (!fits_within(raw_offset, raw_size, file_size_)) {
      return "a section's data is outside the file";
    }
    if (raw_offset < file_end_ || raw_offset == 0) {
      return "sections overlap or are out of order in the file";
    }
    if (address < raw_offset) {
      return "a section is at a lower address in memory than its file offset";
    }
    if (mappings.empty()) {
      last_room_end_ = address;  // of the headers
    }
    // Bytes between sections belong to the section before them and must fit into its room.
    if (raw_offset + last_delta_ > last_room_end_) {
      return "there is no space in memory for the bytes between sections";
    }
    last_delta_ = address - raw_offset;
    last_room_end_ = room_end;
    file_end_ = raw_offset + raw_size;
    mappings.push_back(
        {static_cast<std::uint32_t>(raw_offset), static_cast<std::uint32_t>(last_delta_)});
    return std::nullopt;
  }

  std::uint64_t file_size_;
  std::uint64_t memory_end_;
  std::uint64_t file_end_ = 0;
  std::uint64_t last_delta_ = 0;
  std::uint64_t last_room_end_ = 0;
};

// Completes the layout: what follows the last section in the file, such as a signature, is stored
// after the image, because it is not mapped into memory.
PeAnalysis lay_out(Sections& sections, std::uint32_t image_size, std::uint64_t file_size) {
  const std::uint64_t image_length = round_to_page(image_size);
  if (sections.mappings.empty()) {
    return PlainPe{"no section has data"};
  }
  if (image_length < sections.memory_end() ||
      image_length > std::numeric_limits<std::uint32_t>::max()) {
    return PlainPe{"sections are outside the image"};
  }
  PeLayout layout;
  layout.mappings = std::move(sections.mappings);
  layout.image_length = static_cast<std::uint32_t>(image_length);
  layout.object_length = image_length;
  const std::uint64_t tail = sections.file_end();
  if (tail < file_size) {
    if (image_length < tail) {
      return PlainPe{"the image is smaller than its file"};
    }
    layout.mappings.push_back(
        {static_cast<std::uint32_t>(tail), static_cast<std::uint32_t>(image_length - tail)});
    layout.object_length = image_length + (file_size - tail);
  }
  if (layout.object_length > kMaxGrowth * file_size) {
    return PlainPe{"it would grow too much"};
  }
  return layout;
}

}  // namespace

// Accepts only executables whose layout is certain; every other file is stored unchanged, which is
// always correct.
PeAnalysis analyze_pe(ByteView head, std::uint64_t file_size) {
  const auto dos = read_at<DosHeader>(head, 0);
  if (!dos || as_text(dos->magic) != "MZ") {
    return NotPe{};
  }
  const auto coff = read_at<CoffHeader>(head, dos->pe_offset);
  if (!coff || as_text(coff->signature) != std::string_view("PE\0\0", 4)) {
    return PlainPe{"a DOS program"};
  }
  if (file_size < kMemoryPage) {
    return PlainPe{"smaller than a page"};
  }
  if (file_size > std::numeric_limits<std::uint32_t>::max()) {
    return PlainPe{"larger than four gigabytes"};
  }
  const std::uint64_t optional_offset = std::uint64_t{dos->pe_offset} + sizeof(CoffHeader);
  const auto optional = read_at<OptionalHeader>(head, optional_offset);
  if (!optional || coff->optional_header_size < sizeof(OptionalHeader) ||
      (optional->magic != 0x10B && optional->magic != 0x20B)) {
    return PlainPe{"no optional header"};
  }
  if (optional->section_alignment != kMemoryPage) {
    return PlainPe{"section alignment is not 4096"};
  }
  if (coff->section_count == 0 || coff->section_count > kMaxSections) {
    return PlainPe{"no sections, or too many"};
  }
  Sections sections(file_size, optional->headers_size);
  for (std::uint32_t i = 0; i < coff->section_count; ++i) {
    const auto section = read_at<SectionHeader>(
        head, optional_offset + coff->optional_header_size + i * sizeof(SectionHeader));
    if (!section) {
      return PlainPe{"the section table extends past the headers"};
    }
    if (const auto fault = sections.add(*section)) {
      return PlainPe{*fault};
    }
  }
  return lay_out(sections, optional->image_size, file_size);
}

}  // namespace cim
