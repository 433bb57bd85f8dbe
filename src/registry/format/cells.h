// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The on-disk structures of a registry hive ("regf"). Offsets are relative to the start of the
// structure; a record starts 4 bytes into its cell, after the cell's size. Pointers are relative to
// the start of the hive bins data; kNil is the null pointer.

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/endian.h"

namespace cim::registry {

inline constexpr std::uint32_t kNil = 0xFFFFFFFF;
inline constexpr std::uint32_t kBaseBlockSize = 4096;
inline constexpr std::uint32_t kBinAlignment = 4096;
inline constexpr std::uint32_t kCellHeaderSize = 4;
inline constexpr std::uint32_t kCellAlignment = 8;
/// Bit 31 of a pointer marks volatile storage, which does not occur in files.
inline constexpr std::uint64_t kMaxBinsSize = 0x80000000;
inline constexpr int kMaxDepth = 512;
/// In bytes, as stored; Win32 accepts names of up to 255 characters.
inline constexpr std::uint32_t kMaxKeyNameSize = 512;
/// The data size of one segment of a big value, which is also the maximum for data that is not big.
inline constexpr std::uint32_t kSegmentSize = 16344;
inline constexpr std::uint32_t kSegmentCellDataSize = kSegmentSize + 4;
inline constexpr std::uint32_t kMaxSegments = 0xFFFF;
/// The maximum number of entries that Windows puts into one 4 KiB leaf.
inline constexpr std::uint32_t kMaxHashLeafEntries = 511;
inline constexpr std::uint32_t kMaxIndexLeafEntries = 1012;
inline constexpr std::uint32_t kInlineData = 0x80000000;
inline constexpr std::uint32_t kMaxInlineSize = 4;

using Signature2 = std::array<char, 2>;
using Signature4 = std::array<char, 4>;

inline constexpr Signature4 kHiveSignature{'r', 'e', 'g', 'f'};
inline constexpr Signature4 kBinSignature{'h', 'b', 'i', 'n'};
inline constexpr Signature4 kLogEntrySignature{'H', 'v', 'L', 'E'};
inline constexpr Signature4 kOldLogSignature{'D', 'I', 'R', 'T'};
inline constexpr Signature2 kKeySignature{'n', 'k'};
inline constexpr Signature2 kValueSignature{'v', 'k'};
inline constexpr Signature2 kSecuritySignature{'s', 'k'};
inline constexpr Signature2 kBigDataSignature{'d', 'b'};
inline constexpr Signature2 kIndexLeafSignature{'l', 'i'};
inline constexpr Signature2 kFastLeafSignature{'l', 'f'};
inline constexpr Signature2 kHashLeafSignature{'l', 'h'};
inline constexpr Signature2 kIndexRootSignature{'r', 'i'};

/// Values of BaseBlock::flags.
inline constexpr std::uint32_t kHiveTransactionsPending = 0x1;
inline constexpr std::uint32_t kHiveLayered = 0x2;

/// Values of KeyRecord::flags.
inline constexpr std::uint16_t kKeyVolatile = 0x0001;
inline constexpr std::uint16_t kKeyHiveExit = 0x0002;
inline constexpr std::uint16_t kKeyHiveEntry = 0x0004;
inline constexpr std::uint16_t kKeyNoDelete = 0x0008;
inline constexpr std::uint16_t kKeySymbolicLink = 0x0010;
inline constexpr std::uint16_t kKeyCompressedName = 0x0020;
inline constexpr std::uint16_t kKeyPredefinedHandle = 0x0040;
inline constexpr std::uint16_t kKeyVirtualization = 0x0380;
inline constexpr std::uint16_t kKeyOldUserFlags = 0xF000;
/// The flags that belong to the key itself, independent of where or how it is stored.
inline constexpr std::uint16_t kKeyKeptFlags =
    kKeySymbolicLink | kKeyVirtualization | kKeyOldUserFlags;

/// Values of KeyRecord::control: the virtualization flags, of which one passes them to new subkeys.
inline constexpr std::uint8_t kControlVirtualization = 0xF0;
inline constexpr std::uint8_t kControlRecurse = 0x80;

/// Values of KeyRecord::layer.
inline constexpr std::uint8_t kLayerSemanticsMask = 0x03;
inline constexpr std::uint8_t kLayerInheritClass = 0x80;
inline constexpr std::uint8_t kLayerMask = kLayerSemanticsMask | kLayerInheritClass;

/// Values of ValueRecord::flags.
inline constexpr std::uint16_t kValueCompressedName = 0x0001;
inline constexpr std::uint16_t kValueTombstone = 0x0002;

/// The header of a hive, at the start of its file.
struct BaseBlock {
  Signature4 signature;                   // 0 "regf"
  Le32 primary_sequence;                  // 4
  Le32 secondary_sequence;                // 8
  Le64 last_written;                      // 12
  Le32 major_version;                     // 20
  Le32 minor_version;                     // 24
  Le32 file_type;                         // 28 0 for a hive; 1, 2, 6 for a log
  Le32 file_format;                       // 32 1
  Le32 root;                              // 36
  Le32 bins_size;                         // 40
  Le32 clustering_factor;                 // 44
  std::array<Le16, 32> file_name;         // 48
  std::array<std::byte, 16> resource_id;  // 112
  std::array<std::byte, 16> log_id;       // 128
  Le32 flags;                             // 144
  std::array<std::byte, 360> rest;        // 148 unused here
  Le32 checksum;                          // 508
};
static_assert(sizeof(BaseBlock) == 512 && offsetof(BaseBlock, checksum) == 508);
static_assert(offsetof(BaseBlock, flags) == 144);

/// The header of a bin, a sequence of cells of at least 4096 bytes.
struct BinHeader {
  Signature4 signature;               // 0 "hbin"
  Le32 offset;                        // 4 from the start of the bins data
  Le32 size;                          // 8
  std::array<std::byte, 8> reserved;  // 12
  Le64 time;                          // 20 set in the first bin only
  Le32 spare;                         // 28
};
static_assert(sizeof(BinHeader) == 32 && offsetof(BinHeader, spare) == 28);

/// A key. The name follows the record.
struct KeyRecord {
  Signature2 signature;        // 0 "nk"
  Le16 flags;                  // 2
  Le64 last_written;           // 4
  std::uint8_t access;         // 12
  std::uint8_t layer;          // 13
  Le16 spare;                  // 14
  Le32 parent;                 // 16
  Le32 subkey_count;           // 20
  Le32 volatile_subkey_count;  // 24
  Le32 subkey_list;            // 28
  Le32 volatile_subkey_list;   // 32
  Le32 value_count;            // 36
  Le32 value_list;             // 40
  Le32 security;               // 44
  Le32 class_name;             // 48
  Le16 largest_subkey_name;    // 52 bytes as UTF-16
  std::uint8_t control;        // 54 user flags and virtualization control
  std::uint8_t debug;          // 55
  Le32 largest_subkey_class;   // 56 bytes
  Le32 largest_value_name;     // 60 bytes as UTF-16
  Le32 largest_value_data;     // 64 bytes
  Le32 work;                   // 68
  Le16 name_size;              // 72 bytes as stored
  Le16 class_size;             // 74 bytes
};
static_assert(sizeof(KeyRecord) == 76 && offsetof(KeyRecord, class_size) == 74);

/// A value. The name follows the record; up to four bytes of data are stored in it.
struct ValueRecord {
  Signature2 signature;  // 0 "vk"
  Le16 name_size;        // 2 bytes as stored
  Le32 data_size;        // 4 with kInlineData
  Le32 data;             // 8 pointer, or the data itself
  Le32 type;             // 12
  Le16 flags;            // 16
  Le16 spare;            // 18
};
static_assert(sizeof(ValueRecord) == 20 && offsetof(ValueRecord, spare) == 18);

/// A security descriptor, which follows the record. All of a hive form a ring.
struct SecurityRecord {
  Signature2 signature;  // 0 "sk"
  Le16 reserved;         // 2
  Le32 next;             // 4
  Le32 previous;         // 8
  Le32 references;       // 12 number of keys that point here
  Le32 descriptor_size;  // 16
};
static_assert(sizeof(SecurityRecord) == 20 && offsetof(SecurityRecord, descriptor_size) == 16);

/// The header of every kind of subkey list.
struct ListHeader {
  Signature2 signature;  // 0 "li", "lf", "lh" or "ri"
  Le16 count;            // 2
};
static_assert(sizeof(ListHeader) == 4 && offsetof(ListHeader, count) == 2);

/// An entry of an "lf" or "lh" list.
struct HashLeafEntry {
  Le32 key;   // 0
  Le32 hash;  // 4 in an "lf": the first four characters
};
static_assert(sizeof(HashLeafEntry) == 8 && offsetof(HashLeafEntry, hash) == 4);

/// The data of a big value, in segments.
struct BigDataRecord {
  Signature2 signature;  // 0 "db"
  Le16 segment_count;    // 2
  Le32 segment_list;     // 4
};
static_assert(sizeof(BigDataRecord) == 8 && offsetof(BigDataRecord, segment_list) == 4);

/// The header of an entry of a transaction log, which starts at a multiple of 512.
struct LogEntryHeader {
  Signature4 signature;  // 0 "HvLE"
  Le32 size;             // 4 a multiple of 512
  Le32 flags;            // 8 bit 0 is kHiveTransactionsPending
  Le32 sequence;         // 12
  Le32 bins_size;        // 16 of the hive after this entry
  Le32 page_count;       // 20
  Le64 content_hash;     // 24 of bytes 40 to the end
  Le64 head_hash;        // 32 of bytes 0 to 32
};
static_assert(sizeof(LogEntryHeader) == 40 && offsetof(LogEntryHeader, head_hash) == 32);

/// A range of the bins data that a log entry replaces. The bytes follow all ranges.
struct LogPage {
  Le32 offset;  // 0 in the bins data
  Le32 size;    // 4
};
static_assert(sizeof(LogPage) == 8 && offsetof(LogPage, size) == 4);

/// The header of a self-relative security descriptor.
struct DescriptorHeader {
  std::uint8_t revision;  // 0
  std::uint8_t reserved;  // 1
  Le16 control;           // 2
  Le32 owner;             // 4
  Le32 group;             // 8
  Le32 sacl;              // 12
  Le32 dacl;              // 16
};
static_assert(sizeof(DescriptorHeader) == 20 && offsetof(DescriptorHeader, dacl) == 16);

}  // namespace cim::registry
