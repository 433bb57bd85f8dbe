// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/tar_record.h"

#include <fstream>

#include <gtest/gtest.h>

#include "cimlib/error.h"
#include "cimlib/layer.h"

#include "expect_error.h"
#include "tar/compression.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::layer {
namespace {

using test::EntryBytes;
using test::expect_error;
using test::HeaderBytes;
using test::padded;

std::string packed(const std::string& text) {
  std::string result;
  tar::CallingSink output([&result](const SharedBytes& bytes) { result += as_text(bytes.bytes); });
  const auto sink = tar::make_fast_sink(output);
  sink->write({as_bytes(text), nullptr});
  sink->finish();
  return result;
}

class TarRecord : public testing::Test {
 protected:
  // Imports a layer and returns the tar that is made again from its record.
  std::string remade(const std::string& tar) {
    std::ofstream(tar_, std::ios::binary) << tar;
    ImportOptions options;
    options.tar_record = record_;
    import_tar(tar_, layer_, {}, options);
    return remake();
  }
  std::string remake() const {
    std::string result;
    remake_tar(record_, cim_path(layer_),
               [&result](std::span<const std::byte> bytes) { result += as_text(bytes); });
    return result;
  }
  void read(const std::string& unpacked) const {
    std::ofstream(record_, std::ios::binary) << packed(unpacked);
    read_tar_record(record_,
                    {.bytes = [](ByteView) {},
                     .content = [](std::uint64_t, const std::string&, const std::string&) {}});
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path tar_ = directory_.path() / "tar";
  std::filesystem::path record_ = directory_.path() / "record";
  std::filesystem::path layer_ = directory_.path() / "store/layer";
  std::string files_ = EntryBytes{.name = "Files", .type = '5'}.bytes();
};

TEST_F(TarRecord, GivesTheSameBytes) {
  const std::string large(200'000, 'x');
  const std::string tar = files_ + EntryBytes{.name = "Files/large", .body = large}.bytes() +
                          EntryBytes{.name = "Files/empty"}.bytes() +
                          EntryBytes{.name = "Files/a", .body = "text"}.bytes() +
                          EntryBytes{.name = "Files/a:stream", .body = "of a"}.bytes() +
                          EntryBytes{.name = "Files/b", .type = '1', .link = "Files/a"}.bytes() +
                          test::end_marker();
  EXPECT_EQ(remade(tar), tar);
  EXPECT_LT(std::filesystem::file_size(record_), 1000U);
}

TEST_F(TarRecord, KeepsWhatReadersIgnore) {
  std::string body = padded("text");
  body.back() = 'p';  // in the padding
  const std::string tar = test::pax_header({{"comment", "global"}}, 'g') + files_ +
                          HeaderBytes("./Files//a", '0', 4).put(265, "user").bytes() + body +
                          test::end_marker() + std::string(8192, '\0') + "trailer";
  EXPECT_EQ(remade(tar), tar);
}

TEST_F(TarRecord, KeepsATarWithoutAnEndMarker) {
  const std::string tar = files_ + EntryBytes{.name = "Files/a", .body = "text"}.bytes();
  EXPECT_EQ(remade(tar), tar);
}

TEST_F(TarRecord, KeepsSparseFilesAsTheyAreStored) {
  const std::string map = padded("1\n1000\n4\n");
  const std::string records = test::pax_header({{"GNU.sparse.major", "1"},
                                                {"GNU.sparse.minor", "0"},
                                                {"GNU.sparse.name", "Files/sparse"},
                                                {"GNU.sparse.realsize", "5000"}});
  const std::string tar = files_ + records +
                          HeaderBytes("GNUSparseFile.0/sparse", '0', map.size() + 4).bytes() + map +
                          padded("data") + test::end_marker();
  EXPECT_EQ(remade(tar), tar);
}

TEST_F(TarRecord, IsNotWrittenIfTheImportFails) {
  EXPECT_THROW((void)remade("not a tar"), Error);
  EXPECT_FALSE(std::filesystem::exists(record_));
}

TEST_F(TarRecord, DoesNotReplaceContents) {
  const std::string tar =
      files_ + EntryBytes{.name = "Files/a", .body = "text"}.bytes() + test::end_marker();
  (void)remade(tar);
  destroy(layer_);
  std::ofstream(tar_, std::ios::binary)
      << files_ << EntryBytes{.name = "Files/a", .body = "longer"}.bytes() << test::end_marker();
  import_tar(tar_, layer_);
  expect_error(ErrorCode::kCorrupt, "names 4 bytes of", [&] { (void)remake(); });
  destroy(layer_);
  std::ofstream(tar_, std::ios::binary) << files_ << test::end_marker();
  import_tar(tar_, layer_);
  expect_error(ErrorCode::kNotFound, "a", [&] { (void)remake(); });
}

TEST_F(TarRecord, IsReadStrictly) {
  const std::string start = "cimlib tar record 1\n";
  const std::string end(9, '\0');
  const std::string bytes = std::string("\x01\x02\0\0\0ab", 7);
  EXPECT_NO_THROW(read(start + end));
  EXPECT_NO_THROW(read(start + bytes + std::string("\0\x02\0\0\0\0\0\0\0", 9)));
  for (const std::string& bad :
       {std::string(), std::string("cimlib tar record 2\n") + end, start, start + bytes + end,
        start + end + "x", start + "\x03", start + bytes.substr(0, 6),
        start + std::string("\x01\xFF\xFF\xFF\xFF", 5),
        start + std::string("\x02\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 13)}) {
    EXPECT_THROW(read(bad), Error);
  }
  std::ofstream(record_, std::ios::binary) << packed(start + end).substr(0, 20);
  EXPECT_THROW((void)read_tar_record(record_, {}), Error);
}

}  // namespace
}  // namespace cim::layer
