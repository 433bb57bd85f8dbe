// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The on-disk structures of EROFS that a metadata image uses (docs/mounts.md, "The metadata image";
// fs/erofs/erofs_fs.h of Linux). All integers are little-endian. A block number counts blocks of
// the metadata image, or of a device if one is named. An inode is at 32 times its number ("nid").

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/endian.h"

namespace cim::mount::erofs {

inline constexpr std::uint64_t kSuperblockOffset = 1024;
inline constexpr std::uint64_t kInodeUnit = 32;

struct DiskSuperblock {
  Le32 magic;                             // 0
  Le32 checksum;                          // 4
  Le32 compatible_features;               // 8
  std::uint8_t block_bits;                // 12
  std::uint8_t extension_slots;           // 13
  Le16 root;                              // 14: its nid
  Le64 inode_count;                       // 16
  Le64 base_seconds;                      // 24
  Le32 base_nanoseconds;                  // 32
  Le32 blocks;                            // 36
  Le32 inode_block;                       // 40: nids are relative to it
  Le32 xattr_block;                       // 44: shared attributes are relative to it
  std::array<std::byte, 16> uuid;         // 48
  std::array<std::byte, 16> volume_name;  // 64
  Le32 incompatible_features;             // 80
  Le16 compression;                       // 84
  Le16 device_count;                      // 86
  Le16 device_table;                      // 88: offset / 128
  std::array<std::byte, 38> reserved;     // 90
};
static_assert(sizeof(DiskSuperblock) == 128);
static_assert(offsetof(DiskSuperblock, uuid) == 48);
static_assert(offsetof(DiskSuperblock, incompatible_features) == 80);
static_assert(offsetof(DiskSuperblock, reserved) == 90);

inline constexpr std::uint32_t kMagic = 0xE0F5E1E2;
inline constexpr std::uint32_t kHasChecksum = 0x1;
inline constexpr std::uint32_t kHasChunkedFiles = 0x4;
inline constexpr std::uint32_t kHasDeviceTable = 0x8;

/// An entry of the device table: a file with blocks that chunks refer to.
struct DiskDevice {
  std::array<std::byte, 64> tag;       // 0
  Le32 blocks;                         // 64
  Le32 mapped_block;                   // 68
  std::array<std::byte, 56> reserved;  // 72
};
static_assert(sizeof(DiskDevice) == 128);
static_assert(offsetof(DiskDevice, reserved) == 72);

/// The device table follows the superblock.
inline constexpr std::uint64_t kDeviceTableOffset = kSuperblockOffset + sizeof(DiskSuperblock);
/// The root's nid has 16 bits, so the root must be in the first 2 MiB, after the table and its
/// descriptor.
inline constexpr std::size_t kMaxDevices = 15000;

/// Where the bytes of a file or directory are.
enum class Layout : std::uint8_t {
  kPlain = 0,    ///< in consecutive blocks
  kInline = 2,   ///< in consecutive blocks, the partial last one after the inode
  kChunked = 4,  ///< in chunks of equal size, each at the block in its index
};

/// The long form of an inode.
struct DiskInode {
  Le16 format;                          // 0: bit 0 set, layout from bit 1 on
  Le16 xattr_count;                     // 2: 1 + (bytes - 12) / 4, or 0
  Le16 mode;                            // 4
  Le16 reserved;                        // 6
  Le64 size;                            // 8
  Le32 place;                           // 16: first block, or the form of the chunks
  Le32 number;                          // 20
  Le32 user;                            // 24
  Le32 group;                           // 28
  Le64 seconds;                         // 32: since 1970, signed
  Le32 nanoseconds;                     // 40
  Le32 link_count;                      // 44
  std::array<std::byte, 16> reserved2;  // 48
};
static_assert(sizeof(DiskInode) == 64);
static_assert(offsetof(DiskInode, link_count) == 44);

constexpr std::uint16_t inode_format(Layout layout) noexcept {
  return static_cast<std::uint16_t>(1U | static_cast<unsigned>(layout) << 1);
}

/// Added to the log2 of the blocks of a chunk: the indexes take eight bytes.
inline constexpr std::uint32_t kEightByteIndexes = 0x20;
inline constexpr unsigned kMaxChunkBits = 31;

/// Where a chunk of a file is stored.
struct DiskChunkIndex {
  Le16 block_high;  // 0
  Le16 device;      // 2: 0 the metadata image, n the nth of the table
  Le32 block;       // 4
};
static_assert(sizeof(DiskChunkIndex) == 8);

/// The block number of a chunk of zeros that is not stored.
inline constexpr std::uint32_t kHole = 0xFFFFFFFF;

/// Precedes the extended attributes of an inode; ids of shared ones follow, then entries.
struct DiskXattrHeader {
  Le32 name_filter;                   // 0
  std::uint8_t shared_count;          // 4
  std::array<std::byte, 7> reserved;  // 5
};
static_assert(sizeof(DiskXattrHeader) == 12);

/// Name and value follow, and padding to four bytes.
struct DiskXattr {
  std::uint8_t name_size;  // 0: without the prefix
  std::uint8_t prefix;     // 1
  Le16 value_size;         // 2
};
static_assert(sizeof(DiskXattr) == 4);

/// The names of a block follow its entries, in the same order.
struct DiskDirectoryEntry {
  Le64 nid;               // 0
  Le16 name_offset;       // 8: in the block
  std::uint8_t type;      // 10
  std::uint8_t reserved;  // 11
};
static_assert(sizeof(DiskDirectoryEntry) == 12);

enum class EntryType : std::uint8_t { kFile = 1, kDirectory = 2, kLink = 7 };

/// CRC-32C, starting with all ones and without the final inversion.
inline constexpr std::uint32_t kChecksumStart = 0xFFFFFFFF;
std::uint32_t checksum(ByteView bytes, std::uint32_t start = kChecksumStart);

// Directories are blocks of entries and names, sorted by the bytes of the names.

/// The longest name that Linux allows.
inline constexpr std::size_t kMaxName = 255;

/// An entry of a directory before it is encoded.
struct DirectoryChild {
  std::string name;
  std::uint64_t nid = 0;
  EntryType type = EntryType::kFile;
};

/// Computes how names fill blocks.
class DirectoryMeasure {
 public:
  explicit DirectoryMeasure(std::size_t block_size) noexcept : block_size_(block_size) {}

  /// Adds the next name. Returns true if it starts a block other than the first.
  bool add(std::size_t name_size) noexcept;

  /// Returns the number of bytes up to the end of the last name.
  std::uint64_t size() const noexcept { return before_ + used_; }

 private:
  std::size_t block_size_;
  std::uint64_t before_ = 0;  // of all blocks but the last
  std::size_t used_ = 0;      // of the last
};

/// Returns the bytes of a directory; every block but the last is padded with zeros. The children
/// must be sorted by name, include "." and "..", and have names of at most kMaxName bytes.
Bytes encode_directory(std::span<const DirectoryChild> children, std::size_t block_size);

}  // namespace cim::mount::erofs
