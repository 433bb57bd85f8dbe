// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The 512-byte header block of a tar entry: POSIX.1-1988 ("ustar"), GNU, star, and the older "V7"
// format.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cim::tar {

inline constexpr std::size_t kBlockSize = 512;

/// The type of an entry; other values occur too.
enum class TypeFlag : char {
  kRegular = '0',
  kHardLink = '1',
  kSymlink = '2',
  kCharacterDevice = '3',
  kBlockDevice = '4',
  kDirectory = '5',
  kFifo = '6',
  kContiguous = '7',
  kGnuLongLink = 'K',
  kGnuLongName = 'L',
  kGnuMultiVolume = 'M',
  kGnuSparse = 'S',
  kPaxGlobal = 'g',
  kPaxExtended = 'x',
  kV7Regular = '\0',  ///< also a directory, if the name ends in a slash
};

template <std::size_t Size>
using Field = std::array<char, Size>;

/// The block as stored in the tar. Texts end with NUL or fill their field; numbers are octal
/// digits, or base-256 if the first bit is set.
struct HeaderBlock {
  Field<100> name;    // 0
  Field<8> mode;      // 100
  Field<8> uid;       // 108
  Field<8> gid;       // 116
  Field<12> size;     // 124
  Field<12> mtime;    // 136, seconds since 1970
  Field<8> checksum;  // 148, of the block with these bytes taken as spaces
  TypeFlag type;      // 156
  Field<100> link;    // 157
  Field<8> magic;     // 257, with the version
  Field<32> user;     // 265
  Field<32> group;    // 297
  Field<16> device;   // 329, major and minor number
  Field<167> last;    // 345, by magic: a UstarTail, StarTail or GnuTail
};
static_assert(sizeof(HeaderBlock) == kBlockSize && offsetof(HeaderBlock, last) == 345);
static_assert(offsetof(HeaderBlock, checksum) == 148 && offsetof(HeaderBlock, magic) == 257);

/// The end of a POSIX header.
struct UstarTail {
  Field<155> prefix;  // 345, of the name, without the slash in between
  Field<12> unused;   // 500
};
static_assert(sizeof(UstarTail) == 167);

/// The end of a star header: like ustar, with "tar" as the last bytes.
struct StarTail {
  Field<131> prefix;  // 345
  Field<12> atime;    // 476
  Field<12> ctime;    // 488
  Field<8> unused;    // 500
  Field<4> trailer;   // 508
};
static_assert(sizeof(StarTail) == 167 && offsetof(StarTail, trailer) == 508 - 345);

/// A data range of a sparse file, as number fields.
struct GnuSparseField {
  Field<12> offset;
  Field<12> size;
};
static_assert(sizeof(GnuSparseField) == 24);

/// The end of a GNU tar header; the unused fields are for multi-volume archives.
struct GnuTail {
  Field<12> atime;                       // 345
  Field<12> ctime;                       // 357
  Field<17> unused;                      // 369
  std::array<GnuSparseField, 4> sparse;  // 386, of a sparse file
  char is_extended;                      // 482: not NUL if a GnuSparseBlock follows
  Field<12> real_size;                   // 483, of a sparse file
  Field<17> padding;                     // 495
};
static_assert(sizeof(GnuTail) == 167 && offsetof(GnuTail, sparse) == 386 - 345);

/// More ranges of a sparse file, after its header.
struct GnuSparseBlock {
  std::array<GnuSparseField, 21> sparse;  // 0
  char is_extended;                       // 504: not NUL if another follows
  Field<7> padding;                       // 505
};
static_assert(sizeof(GnuSparseBlock) == kBlockSize);

/// The decoded fields; layers do not use the others.
struct HeaderValues {
  TypeFlag type = TypeFlag::kRegular;
  std::uint64_t size = 0;
  std::int64_t mtime = 0;
  std::optional<std::int64_t> atime;
  std::optional<std::int64_t> ctime;
  std::string name;
  std::string link;
};

/// Returns true if every byte is zero, as in the two blocks of the end marker.
bool is_zero(const HeaderBlock& block) noexcept;

/// Returns true if the header is in GNU tar's format.
bool is_gnu(const HeaderBlock& block) noexcept;

/// Parses a number field; nullopt if it is invalid or does not fit. The field holds octal digits
/// between spaces and NULs, where no digits mean 0; or, if the first bit is set, a big-endian
/// number in two's complement.
std::optional<std::int64_t> parse_number(std::string_view field) noexcept;

/// Fills `values`, reusing the memory of its strings. Returns what is wrong with the block; empty
/// if nothing is.
std::string_view parse_header(const HeaderBlock& block, HeaderValues& values);

}  // namespace cim::tar
