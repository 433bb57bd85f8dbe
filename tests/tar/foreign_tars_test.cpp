// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Tars written by other programs, listed by our reader and by Python.

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cimlib/version.h"

#include "os/crypto.h"
#include "tar/compression.h"
#include "tar/reader.h"
#include "tar/run_command.h"
#include "temporary_directory.h"

namespace cim::tar {
namespace {

// Entries that every format can hold.
constexpr const char* kPlainTree = R"(
mkdir -p tree/dir/sub
cd tree
printf 'some bytes' > dir/file
: > dir/empty
head -c 100000 /dev/zero | tr '\0' 'x' > dir/sub/large
ln dir/file dir/sub/link
ln -s ../file dir/sub/symlink
touch -d '2020-09-13 12:26:40.123456789 UTC' dir/file
touch -d '1970-01-01 00:00:01 UTC' dir/empty
)";

// Entries that only newer formats can hold: long names, names other than ASCII, times before 1970.
constexpr const char* kRichTree = R"(
n=$(printf 'n%.0s' $(seq 200))
mkdir -p "dir/$n/$n"
printf 'deep' > "dir/$n/$n/file"
ln -s "$n/$n/file" "dir/long"
ln "dir/$n/$n/file" "dir/hard"
printf 'umlaut' > 'dir/ü中😀'
)";
constexpr const char* kOldTime = "touch -d '1960-01-01 00:00:00.25 UTC' dir/sub/large\n";

std::string without_slash(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return std::string(path);
}

/// Lists a tar in the format of list_tar.py.
std::string listing(const std::filesystem::path& path) {
  Input input(path);
  const auto source = decompress(input);
  Reader reader(*source);
  std::string lines;
  while (const Entry* const entry = reader.next()) {
    Sha256 hash;
    const std::string head = fmt::format(
        "{} {} {}.{:09}", static_cast<char>(entry->type), entry->size,
        entry->mtime.seconds + (entry->mtime.seconds < 0 && entry->mtime.nanoseconds != 0 ? 1 : 0),
        entry->mtime.seconds < 0 && entry->mtime.nanoseconds != 0
            ? 1'000'000'000 - entry->mtime.nanoseconds
            : entry->mtime.nanoseconds);
    const std::string paths = without_slash(entry->path) + ">" + std::string(entry->link);
    for (ByteView run = reader.body(); !run.empty(); run = reader.body()) {
      hash.update(run);
    }
    lines += head + " " + to_hex(hash.finish()) + " " + paths + "\n";
  }
  return lines;
}

std::string python_listing(const std::filesystem::path& directory) {
  test::run_command(directory, "python3 '" CIMLIB_TAR_TESTS "/list_tar.py' t.tar > listing");
  return test::read_file(directory / "listing");
}

struct Writer {
  const char* name;
  const char* command;  ///< creates ../t.tar from "dir"
  bool is_rich;         ///< holds names of any length and script
  bool is_precise;      ///< holds times before 1970
};

void PrintTo(const Writer& writer, std::ostream* stream) {
  *stream << writer.name;
}

class ForeignTar : public testing::TestWithParam<Writer> {};

TEST_P(ForeignTar, ListsAsPythonListsIt) {
  const test::TemporaryDirectory directory;
  test::run_command(directory.path(),
                    std::string(kPlainTree) + (GetParam().is_rich ? kRichTree : "") +
                        (GetParam().is_precise ? kOldTime : "") + GetParam().command);
  const std::string listed = listing(directory.path() / "t.tar");
  EXPECT_EQ(listed, python_listing(directory.path()));
  EXPECT_GE(std::ranges::count(listed, '\n'), GetParam().is_rich ? 12 : 7);
}

INSTANTIATE_TEST_SUITE_P(
    ByProgram, ForeignTar,
    testing::Values(
        Writer{"GnuV7", "tar --format=v7 -cf ../t.tar dir", false, false},
        Writer{"GnuOld", "tar --format=oldgnu -cf ../t.tar dir", true, true},
        Writer{"GnuGnu", "tar --format=gnu -cf ../t.tar dir", true, true},
        Writer{"GnuUstar", "tar --format=ustar -cf ../t.tar dir", false, false},
        Writer{"GnuPosix", "tar --format=posix -cf ../t.tar dir", true, true},
        Writer{"BsdUstar", "bsdtar --format=ustar -cf ../t.tar dir", false, false},
        Writer{"BsdGnu", "bsdtar --format=gnutar -cf ../t.tar dir", true, false},
        Writer{"BsdPax", "LC_ALL=C.UTF-8 bsdtar --format=pax -cf ../t.tar dir", true, true},
        Writer{"BsdRestrictedPax", "LC_ALL=C.UTF-8 bsdtar --format=paxr -cf ../t.tar dir", true,
               true},
        Writer{"PythonUstar",
               "python3 -c 'import tarfile; t=tarfile.open(\"../t.tar\",\"w\",format=tarfile."
               "USTAR_FORMAT); t.add(\"dir\"); t.close()'",
               false, false},
        Writer{"PythonGnu",
               "python3 -c 'import tarfile; t=tarfile.open(\"../t.tar\",\"w\",format=tarfile."
               "GNU_FORMAT); t.add(\"dir\"); t.close()'",
               true, true},
        Writer{"PythonPax",
               "python3 -c 'import tarfile; t=tarfile.open(\"../t.tar\",\"w\",format=tarfile."
               "PAX_FORMAT,pax_headers={\"comment\":\"global\"}); t.add(\"dir\"); t.close()'",
               true, true}),
    [](const auto& tested) { return std::string(tested.param.name); });

/// A file with holes at the start, in the middle and at the end, and one that is all hole.
constexpr const char* kSparseTree = R"(
mkdir dir
truncate -s 3M dir/holes
printf middle | dd of=dir/holes bs=1 seek=1048576 conv=notrunc status=none
head -c 70000 /dev/zero | tr '\0' x | dd of=dir/holes bs=4096 seek=400 conv=notrunc status=none
truncate -s 200K dir/void
i=0; while [ $i -lt 60 ]; do printf x | dd of=dir/many bs=1 seek=$((i * 8192)) conv=notrunc status=none
i=$((i + 1)); done
printf after > dir/zz
)";

class SparseForeignTar : public testing::TestWithParam<Writer> {};

TEST_P(SparseForeignTar, ListsAsPythonListsIt) {
  const test::TemporaryDirectory directory;
  test::run_command(directory.path(), std::string("mkdir tree; cd tree\n") + kSparseTree +
                                          GetParam().command + "; stat -c %s ../t.tar > ../size");
  EXPECT_LT(std::stoul(test::read_file(directory.path() / "size")), 1'500'000U)
      << "the tar has no holes";
  EXPECT_EQ(listing(directory.path() / "t.tar"), python_listing(directory.path()));
}

INSTANTIATE_TEST_SUITE_P(
    ByProgram, SparseForeignTar,
    testing::Values(
        Writer{"GnuOld", "tar -S --format=oldgnu -cf ../t.tar dir", true, true},
        Writer{"GnuGnu", "tar -S --format=gnu -cf ../t.tar dir", true, true},
        Writer{"Pax00", "tar -S --format=posix --sparse-version=0.0 -cf ../t.tar dir", true, true},
        Writer{"Pax01", "tar -S --format=posix --sparse-version=0.1 -cf ../t.tar dir", true, true},
        Writer{"Pax10", "tar -S --format=posix --sparse-version=1.0 -cf ../t.tar dir", true, true},
        Writer{"BsdPax", "LC_ALL=C.UTF-8 bsdtar --format=pax -cf ../t.tar dir", true, true}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(ForeignTars, GnuTarAndBsdtarListTheSamePaths) {
  const test::TemporaryDirectory directory;
  test::run_command(directory.path(),
                    std::string(kPlainTree) + kRichTree + "tar --format=posix -cf ../t.tar dir");
  test::run_command(directory.path(),
                    "export LC_ALL=C.UTF-8; tar --quoting-style=literal -tf t.tar "
                    "> gnu; bsdtar -tf t.tar > bsd");
  Input input(directory.path() / "t.tar");
  Reader reader(input);
  std::string paths;
  while (const Entry* const entry = reader.next()) {
    paths += std::string(entry->path) + "\n";
  }
  EXPECT_EQ(paths, test::read_file(directory.path() / "gnu"));
  EXPECT_EQ(paths, test::read_file(directory.path() / "bsd"));
}

TEST(ForeignTars, CompressedTarsListAsPlainOnes) {
  const test::TemporaryDirectory directory;
  test::run_command(directory.path(), std::string(kPlainTree) +
                                          "tar --format=posix -cf ../t.tar dir; cd .. ;" +
                                          "gzip -k t.tar; zstd -q t.tar");
  const std::string plain = listing(directory.path() / "t.tar");
  EXPECT_EQ(listing(directory.path() / "t.tar.gz"), plain);
  if (has_feature("zstd")) {
    EXPECT_EQ(listing(directory.path() / "t.tar.zst"), plain);
  }
}

}  // namespace
}  // namespace cim::tar
