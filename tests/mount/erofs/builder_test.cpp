// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Complete metadata images: their bytes, and what the tools of EROFS make of them.
#include "mount/erofs/builder.h"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cimlib/image.h"

#include "hex.h"
#include "image/sample_image.h"
#include "mount/erofs/disk_structs.h"
#include "mount/erofs/file_map.h"
#include "mount/mounted_tree.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim::mount::erofs {
namespace {

constexpr PosixOptions kPosixOptions = {.user = 0x1234, .group = 0x5678, .umask = 022};

class ErofsBuilder : public testing::Test {
 protected:
  void build_with(unsigned block_bits) {
    build(Image(image()), kPosixOptions, test::kSampleGuid, file_, block_bits);
  }
  void build_one_file() {
    ImageWriter writer(image(), test::sample_options());
    test::put(writer, "page.bin", test::pattern(5000));
    writer.commit();
    build_with(kBlockBits);
  }
  std::string hex_at(std::uint64_t offset, std::size_t size) const {
    Bytes bytes(size);
    file_.read_at(offset, bytes);
    return to_hex(bytes);
  }
  static std::string hex(std::string_view text) { return to_hex(test::from_hex(text)); }

  static std::string zeros(std::size_t size) { return std::string(2 * size, '0'); }

  std::filesystem::path directory() const { return directory_.path(); }
  std::filesystem::path image() const { return directory() / "sample.cim"; }

 private:
  test::TemporaryDirectory directory_;

 protected:
  File file_ = File::create_new(directory() / "metadata");
};

// The expected bytes were derived by hand from fs/erofs/erofs_fs.h of Linux.
TEST_F(ErofsBuilder, WritesTheSuperblock) {
  build_one_file();
  // Magic, checksum, one compatible feature, blocks of 512 bytes, root 42, two inodes, four blocks,
  // UUID, chunks and a device table, one device, table at 9 * 128.
  EXPECT_EQ(hex_at(kSuperblockOffset, sizeof(DiskSuperblock)),
            hex("e2e1f5e0 00addd56 01000000 09 00 2a00 0200000000000000") +
                hex("0000000000000000 00000000 04000000 00000000 00000000") +
                hex("c1a1b1e5000040008000000000000001 00000000000000000000000000000000") +
                hex("0c000000 0000 0100 0900") + zeros(38));
  EXPECT_EQ(hex_at(kDeviceTableOffset, sizeof(DiskDevice)),
            zeros(64) + hex("18000000") + zeros(60));
}

TEST_F(ErofsBuilder, WritesInodes) {
  build_one_file();
  const std::string shared = hex("00000000 02 00000000000000 40010000");
  const std::string times = hex("0a 01 2000 6e7466732e74696d6573");
  // Inline layout, 15 words of attributes, mode 040755, 47 bytes, owner, time, two links.
  EXPECT_EQ(hex_at(42 * kInodeUnit, sizeof(DiskInode) + 16),
            hex("0500 0f00 ed41 0000 2f00000000000000 00000000 2a000000 34120000 78560000") +
                hex("00105e5f00000000 bccc5b07 02000000") + zeros(16) + shared);
  EXPECT_EQ(hex_at(42 * kInodeUnit + 84, 14), times);
  // "." and ".." are 42, page.bin is 49.
  EXPECT_EQ(hex_at(42 * kInodeUnit + 132, 47),
            hex("2a00000000000000 2400 02 00 2a00000000000000 2500 02 00") +
                hex("3100000000000000 2700 01 00 2e 2e2e 706167652e62696e"));
  // Chunks of 16 blocks, mode 0100755, 5,000 bytes, a time in 1601. The chunk is at block 8 of
  // device 1.
  EXPECT_EQ(hex_at(49 * kInodeUnit, sizeof(DiskInode) + 16),
            hex("0900 0f00 ed81 0000 8813000000000000 24000000 31000000 34120000 78560000") +
                hex("006fef49fdffffff 00000000 01000000") + zeros(16) + shared);
  EXPECT_EQ(hex_at(49 * kInodeUnit + 136, sizeof(DiskChunkIndex)), hex("0000 0100 08000000"));
  // The shared attribute with the descriptor, whose id is its offset in words.
  EXPECT_EQ(hex_at(std::uint64_t{0x140} * 4, 12), hex("08 01 1400 6e7466732e61636c"));
}

// Debian's fsck.erofs supports only blocks of 4 KiB.
TEST_F(ErofsBuilder, PassesFsckErofs) {
  if (std::system("command -v fsck.erofs >/dev/null") != 0) {
    GTEST_SKIP() << "fsck.erofs is not installed";
  }
  constexpr unsigned kPageBits = 12;
  test::write_sample_image(image());
  build_with(kPageBits);
  const Image sample(image());
  const Devices devices(sample, kPageBits);
  std::string options;
  for (std::size_t i = 0; i < devices.count(); ++i) {
    options += fmt::format(" --device='{}'", sample.regions()[devices.region(i)].path.string());
  }
  const std::string command = fmt::format(
      "cd '{}' && fsck.erofs --extract=out{} metadata >log 2>&1", directory().string(), options);
  ASSERT_EQ(std::system(command.c_str()), 0)
      << as_text(read_whole_file(directory() / "log", 1U << 20));
  // It does not write holes at the end of a file.
  std::filesystem::resize_file(directory() / "out/Files/zeros.bin", 10'000);
  EXPECT_EQ(test::compare_with_image(directory() / "out", sample, test::Compared::kBytes), 0U);
}

}  // namespace
}  // namespace cim::mount::erofs
