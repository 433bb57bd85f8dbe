// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/image_writer.h"

#include <fstream>

#include <gtest/gtest.h>

#include "cimlib/image.h"
#include "cimlib/image_summary.h"

#include "expect_error.h"
#include "hex.h"
#include "image/sample_image.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::directory_metadata;
using test::expect_error;
using test::path;
using test::pattern;
using test::put;

class ImageWriterTest : public testing::Test {
 protected:
  std::string text_of(std::string_view text) {
    const Image image(file_);
    const Stream stream = image.open(*image.find(path(text)));
    return std::string(as_text(stream.read_all(1 << 24)));
  }
  std::size_t files_on_disk() {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(directory_.path()), {}));
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path file_ = directory_.path() / "x.cim";
  std::optional<ImageWriter> writer_ = ImageWriter(file_);
};

TEST_F(ImageWriterTest, LeavesNothingWithoutCommit) {
  put(*writer_, "a", pattern(3000000));
  writer_.reset();
  EXPECT_EQ(files_on_disk(), 0U);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
TEST_F(ImageWriterTest, UnderstandsTheNamesOfEarlyVersions) {
  writer_->create(path("file"), {}, 1);
  writer_->create_stream(path("file"), u"stream", 0);
  writer_->link(path("link"), path("file"));
  writer_->commit();
  const Image image(file_);
  const FileInfo file = image.info(image.find(path("link")).value());
  EXPECT_EQ(file.size, 1U);
  EXPECT_TRUE(file.has_streams);
}
#pragma GCC diagnostic pop

TEST_F(ImageWriterTest, LeavesSevenFilesAfterCommit) {
  writer_->commit();
  writer_.reset();
  EXPECT_EQ(files_on_disk(), 7U);
}

TEST_F(ImageWriterTest, RefusesAnExistingName) {
  writer_->commit();
  expect_error(ErrorCode::kExists, "the image already exists", [&] { ImageWriter again(file_); });
}

TEST_F(ImageWriterTest, KeepsAnImageThatAppearedMeanwhile) {
  std::ofstream(file_) << "other";
  expect_error(ErrorCode::kExists, "x.cim: the image already exists", [&] { writer_->commit(); });
  writer_.reset();
  EXPECT_EQ(as_text(read_whole_file(file_, 100)), "other");
  EXPECT_EQ(files_on_disk(), 1U);
}

TEST_F(ImageWriterTest, RefusesCallsAfterCommit) {
  writer_->commit();
  expect_error(ErrorCode::kInvalidArgument, "already committed",
               [&] { writer_->add(path("a"), {}); });
  expect_error(ErrorCode::kInvalidArgument, "already committed", [&] { writer_->commit(); });
}

TEST_F(ImageWriterTest, RequiresAParentDirectory) {
  put(*writer_, "file", as_bytes("x"));
  expect_error(ErrorCode::kNotFound, "\\no: its parent directory does not exist",
               [&] { writer_->add(path("no/a"), {}); });
  expect_error(ErrorCode::kInvalidArgument, "its parent is not a directory",
               [&] { writer_->add(path("file/a"), {}); });
  put(*writer_, "b", as_bytes("still usable"));
  writer_->commit();
  EXPECT_EQ(text_of("b"), "still usable");
  EXPECT_EQ(text_of("file"), "x");
}

TEST_F(ImageWriterTest, RefusesMoreBytesThanTheSize) {
  writer_->add(path("a"), {}, 3);
  writer_->write(as_bytes("ab"));
  expect_error(ErrorCode::kInvalidArgument,
               "2 bytes are too many; only 1 are left of the declared size",
               [&] { writer_->write(as_bytes("cd")); });
}

TEST_F(ImageWriterTest, RefusesDataForADirectory) {
  writer_->add(path("d"), directory_metadata());
  expect_error(ErrorCode::kInvalidArgument, "it is a directory, which has no data",
               [&] { writer_->add(path("e"), directory_metadata(), 1); });
  expect_error(ErrorCode::kInvalidArgument, "no file is open",
               [&] { writer_->write(as_bytes("x")); });
}

TEST_F(ImageWriterTest, FillsUnwrittenBytesWithZeros) {
  writer_->add(path("small"), {}, 4);
  writer_->write(as_bytes("ab"));
  writer_->add(path("large"), {}, 10000);
  writer_->write(as_bytes("ab"));
  writer_->add(path("program"), {}, 0x1900);
  writer_->write(ByteView(test::SamplePe{.file_size = 0x1900}.bytes()).first(0x700));
  writer_->add(path("head"), {}, 20000);
  writer_->write(Bytes(5000));
  writer_->write(as_bytes("x"));
  writer_->commit();
  EXPECT_EQ(text_of("small"), std::string("ab\0\0", 4));
  EXPECT_EQ(text_of("large"), "ab" + std::string(9998, '\0'));
  EXPECT_EQ(text_of("head"), std::string(5000, '\0') + "x" + std::string(14999, '\0'));
  const Bytes whole = test::SamplePe{.file_size = 0x1900}.bytes();
  EXPECT_EQ(text_of("program"),
            std::string(as_text(ByteView(whole).first(0x700))) + std::string(0x1900 - 0x700, '\0'));
}

TEST_F(ImageWriterTest, StoresNothingForAStreamThatWasNeverWritten) {
  writer_->add(path("a"), {}, std::uint64_t{1} << 40);
  EXPECT_LT(writer_->commit().stored_bytes, 200000U);
  const Image image(file_);
  EXPECT_EQ(image.info(*image.find(path("a"))).size, std::uint64_t{1} << 40);
}

TEST_F(ImageWriterTest, StoresEqualLargeFilesOnceAfterWritingThem) {
  const Bytes bytes = pattern(5000000);
  put(*writer_, "a", bytes);
  put(*writer_, "b", bytes);
  put(*writer_, "c", pattern(4096, 5));
  const CommitSummary summary = writer_->commit();
  EXPECT_GE(summary.deduplicated_bytes, 5000000U);
  EXPECT_LT(summary.stored_bytes, 5400000U);
  EXPECT_EQ(text_of("b"), as_text(bytes));
  EXPECT_EQ(text_of("c"), as_text(pattern(4096, 5)));
}

TEST_F(ImageWriterTest, ReplacesAFile) {
  put(*writer_, "a", as_bytes("old"));
  put(*writer_, "A", as_bytes("new"));
  EXPECT_EQ(writer_->commit().files, 2U);
  EXPECT_EQ(text_of("a"), "new");
}

TEST_F(ImageWriterTest, ReplacingOneNameKeepsTheOtherLinks) {
  put(*writer_, "a", as_bytes("old"));
  writer_->add_link(path("b"), path("a"));
  put(*writer_, "a", as_bytes("new"));
  writer_->commit();
  EXPECT_EQ(text_of("a"), "new");
  EXPECT_EQ(text_of("b"), "old");
  const Image image(file_);
  EXPECT_EQ(image.info(*image.find(path("b"))).parent, image.root());
}

TEST_F(ImageWriterTest, ADirectoryOverADirectoryKeepsItsEntries) {
  writer_->add(path("d"), directory_metadata());
  put(*writer_, "d/a", as_bytes("x"));
  FileMetadata hidden = directory_metadata();
  hidden.attributes |= attribute::kHidden;
  writer_->add(path("D"), hidden);
  writer_->commit();
  EXPECT_EQ(text_of("d/a"), "x");
  const Image image(file_);
  EXPECT_EQ(image.info(*image.find(path("d"))).attributes,
            attribute::kHidden | attribute::kDirectory);
}

TEST_F(ImageWriterTest, ReplacesMetadataAndKeepsEverythingElse) {
  const Bytes eas = test::from_hex("00000000 00 01 0100 4100 78");
  writer_->add(path("d"), directory_metadata());
  put(*writer_, "d/a", as_bytes("data"));
  writer_->add_link(path("b"), path("d/a"));
  writer_->add_alternate_stream({path("b"), u"s"}, 6);
  writer_->write(as_bytes("stream"));
  writer_->replace_metadata(path("B"),
                            {.attributes = attribute::kHidden, .extended_attributes = eas});
  writer_->replace_metadata(path("d"), {.attributes = attribute::kHidden | attribute::kDirectory});
  writer_->commit();
  EXPECT_EQ(text_of("d/a"), "data");
  const Image image(file_);
  const FileInfo file = image.info(*image.find(path("d/a")));
  EXPECT_EQ(file.id, *image.find(path("b")));
  EXPECT_EQ(file.attributes, attribute::kHidden);
  EXPECT_EQ(file.ea_size, eas.size());
  EXPECT_TRUE(file.has_streams);
  EXPECT_EQ(image.info(*image.find(path("d"))).attributes,
            attribute::kHidden | attribute::kDirectory);
}

TEST_F(ImageWriterTest, AFileReplacesADirectoryWithItsEntries) {
  writer_->add(path("d"), directory_metadata());
  writer_->add(path("d/e"), directory_metadata());
  put(*writer_, "d/e/a", as_bytes("x"));
  put(*writer_, "d", as_bytes("file"));
  EXPECT_EQ(writer_->commit().files, 2U);
  EXPECT_EQ(text_of("d"), "file");
}

TEST_F(ImageWriterTest, LinksFilesOnly) {
  writer_->add(path("d"), directory_metadata());
  put(*writer_, "a", as_bytes("x"));
  expect_error(ErrorCode::kAccessDenied, "a directory cannot have hard links",
               [&] { writer_->add_link(path("l"), path("d")); });
  expect_error(ErrorCode::kNotFound, "the file to link to does not exist",
               [&] { writer_->add_link(path("l"), path("none")); });
  writer_->add_link(path("d/l"), path("a"));
  writer_->add_link(path("D/L"), path("a"));  // the same name again: nothing changes
  writer_->commit();
  const Image image(file_);
  EXPECT_EQ(image.find(path("d/l")), image.find(path("a")));
}

TEST_F(ImageWriterTest, RemovesNamesAndTrees) {
  writer_->add(path("d"), directory_metadata());
  put(*writer_, "d/a", as_bytes("x"));
  writer_->add_link(path("b"), path("d/a"));
  EXPECT_TRUE(writer_->remove(path("d")));
  EXPECT_FALSE(writer_->exists(path("d/a")));
  EXPECT_FALSE(writer_->remove(path("d")));
  EXPECT_FALSE(writer_->remove(path("d/a")));
  EXPECT_FALSE(writer_->remove(path("b/a")));  // b is a file
  EXPECT_EQ(writer_->commit().files, 2U);
  EXPECT_EQ(text_of("b"), "x");
}

TEST_F(ImageWriterTest, StreamsRequireAFileOrDirectory) {
  expect_error(ErrorCode::kNotFound, "the file of the stream does not exist", [&] {
    writer_->add_alternate_stream({path("a"), u"s"}, 1);
  });
  writer_->add(path("d"), directory_metadata());
  writer_->add_alternate_stream({path("d"), u"s"}, 1);
  writer_->write(as_bytes("1"));
  writer_->add_alternate_stream({path("d"), u"S"}, 1);
  writer_->write(as_bytes("2"));
  writer_->commit();
  const Image image(file_);
  const FileId id = *image.find(path("d"));
  EXPECT_EQ(image.streams(id).size(), 1U);
  Bytes byte(1);
  image.open_stream(id, u"s")->read(0, byte);
  EXPECT_EQ(as_text(byte), "2");
}

TEST_F(ImageWriterTest, RefusesMetadataThatCannotBeStored) {
  writer_.reset();
  const auto expect_refused = [&](ErrorCode code, std::string_view words,
                                  const FileMetadata& metadata) {
    ImageWriter writer(file_);
    expect_error(code, words, [&] { writer.add(path("a"), metadata); });
  };
  const Bytes big(65536);
  expect_refused(ErrorCode::kLimit, "a security descriptor of 65536 bytes",
                 {.security_descriptor = big});
  expect_refused(ErrorCode::kLimit, "65536 bytes of extended attributes",
                 {.extended_attributes = big});
  expect_refused(ErrorCode::kLimit, "reparse data of 65536 bytes", {.reparse_data = big});
  expect_refused(ErrorCode::kInvalidArgument, "has no header",
                 {.reparse_data = ByteView(big).first(7)});
}

TEST_F(ImageWriterTest, CountsDeduplicatedBytesLikeASummary) {
  const Bytes executable = test::SamplePe{}.bytes();
  for (const char* const name : {"a", "b", "c"}) {
    put(*writer_, std::string(name) + " small", as_bytes("text"));
    put(*writer_, std::string(name) + " page", pattern(5000));
    put(*writer_, std::string(name) + ".exe", executable);
  }
  const CommitSummary committed = writer_->commit();
  EXPECT_EQ(committed.deduplicated_bytes, 2 * (4 + 5000 + executable.size()));
  EXPECT_EQ(summarize(Image(file_)).deduplicated_bytes, committed.deduplicated_bytes);
}

TEST_F(ImageWriterTest, StoresExecutablesPlainOnRequest) {
  const auto plain = directory_.path() / "plain.cim";
  writer_.reset();
  {
    ImageWriter writer(plain, {.pe_expansion = PeExpansion::kPlain});
    put(writer, "a.exe", test::SamplePe{}.bytes());
    writer.commit();
  }
  const Image image(plain);
  EXPECT_EQ(image.info(*image.find(path("a.exe"))).storage, Storage::kData);
  EXPECT_EQ(summarize(image).plain_executables,
            (std::map<std::string, std::uint64_t>{{"expansion was off", 1}}));
}

TEST(ImageWriter, RequiresItsDirectory) {
  const test::TemporaryDirectory directory;
  expect_error(ErrorCode::kNotFound, "no: cannot open",
               [&] { ImageWriter writer(directory.path() / "no" / "x.cim"); });
}

TEST_F(ImageWriterTest, RemovesAlternateStreams) {
  put(*writer_, "a", as_bytes("x"));
  writer_->add_alternate_stream({path("a"), u"kept"}, 0);
  writer_->add_alternate_stream({path("a"), u"gone"}, 1);
  EXPECT_TRUE(writer_->exists(StreamPath{path("A"), u"GONE"}));
  EXPECT_TRUE(writer_->remove(StreamPath{path("A"), u"GONE"}));
  EXPECT_FALSE(writer_->exists(StreamPath{path("a"), u"gone"}));
  EXPECT_FALSE(writer_->remove(StreamPath{path("a"), u"gone"}));
  EXPECT_FALSE(writer_->remove(StreamPath{path("none"), u"gone"}));
  writer_->commit();
  const Image image(file_);
  EXPECT_EQ(image.streams(*image.find(path("a"))).size(), 1U);
  EXPECT_EQ(text_of("a"), "x");
}

TEST_F(ImageWriterTest, AddsFilesAndStreamsFromSources) {
  const auto host_file = directory_.path() / "host.bin";
  std::ofstream(host_file, std::ios::binary) << as_text(pattern(2'000'000));
  const Bytes bytes = pattern(5000);
  writer_->add(path("file"), {}, host_file);
  writer_->add(path("memory"), {}, ByteSource::memory(bytes));
  writer_->add(path("vector"), {}, ByteSource::memory(pattern(700'000)));
  writer_->add_alternate_stream({path("file"), u"s"}, ByteSource::memory(bytes));
  writer_->add(path("replaced"), {}, ByteSource::memory(Bytes(9)));
  writer_->replace_data(path("replaced"), ByteSource::memory(bytes));
  writer_->commit();
  EXPECT_EQ(text_of("file"), as_text(pattern(2'000'000)));
  EXPECT_EQ(text_of("memory"), as_text(bytes));
  EXPECT_EQ(text_of("vector"), as_text(pattern(700'000)));
  EXPECT_EQ(text_of("replaced"), as_text(bytes));
  const Image image(file_);
  EXPECT_EQ(image.open_stream(*image.find(path("file")), u"s")->read_all(5000), bytes);
}

TEST_F(ImageWriterTest, FailingToOpenASourceIsHarmless) {
  expect_error(ErrorCode::kNotFound, "cannot open",
               [&] { writer_->add(path("a"), {}, directory_.path() / "none"); });
  const auto nothing = [](std::span<std::byte>, const std::stop_token&) { return std::size_t{0}; };
  expect_error(ErrorCode::kInvalidArgument, "size is unknown",
               [&] { writer_->add(path("a"), {}, ByteSource::callback(nothing)); });
  EXPECT_EQ(writer_->commit().files, 1U);
}

TEST_F(ImageWriterTest, FailingToReadASourceIsNotHarmless) {
  const auto nothing = [](std::span<std::byte>, const std::stop_token&) { return std::size_t{0}; };
  const auto refused = [](auto&& call) {
    expect_error(ErrorCode::kIo, "ended after 0 of its 5 bytes", call);
  };
  refused([&] { writer_->add(path("a"), {}, ByteSource::callback(nothing, 5)); });
  refused([&] { writer_->add(path("b"), {}, ByteSource::callback(nothing, 0)); });
  refused([&] { writer_->commit(); });
}

TEST(ImageWriterAfterAFailure, RefusesEveryCallAndPublishesNothing) {
  const test::TemporaryDirectory directory;
  const auto image = directory.path() / "a.cim";
  {
    ImageWriter writer(image);
    writer.add(path("a"), {}, 5);
    const auto expect_refused = [](auto&& call) {
      expect_error(ErrorCode::kInvalidArgument, "11 bytes are too many; only 5 are left", call);
    };
    expect_refused([&] { writer.write(as_bytes("hello world")); });
    for (int i = 0; i < 2; ++i) {
      expect_refused([&] { writer.add(path("b"), {}); });
      expect_refused([&] { writer.replace_data(path("a"), 1); });
      expect_refused([&] { writer.replace_metadata(path("a"), {}); });
      expect_refused([&] { writer.add_alternate_stream({path("a"), u"s"}, 1); });
      expect_refused([&] { writer.remove(StreamPath{path("a"), u"s"}); });
      expect_refused([&] { writer.write(as_bytes("h")); });
      expect_refused([&] { writer.close_stream(); });
      expect_refused([&] { writer.add_link(path("b"), path("a")); });
      expect_refused([&] { writer.remove(path("a")); });
      expect_refused([&] { static_cast<void>(writer.exists(path("a"))); });
      expect_refused([&] { static_cast<void>(writer.is_directory(path("a"))); });
      expect_refused([&] { writer.commit(); });
    }
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(ImageWriterAfterAHarmlessFailure, Continues) {
  const test::TemporaryDirectory directory;
  ImageWriter writer(directory.path() / "a.cim");
  writer.add(path("dir"), directory_metadata());
  expect_error(ErrorCode::kNotFound, "does not exist", [&] { writer.add(path("no/a"), {}); });
  expect_error(ErrorCode::kNotFound, "does not exist", [&] { writer.replace_data(path("a"), 1); });
  expect_error(ErrorCode::kNotFound, "does not exist",
               [&] { writer.replace_metadata(path("a"), {}); });
  expect_error(ErrorCode::kInvalidArgument, "it is a directory",
               [&] { writer.replace_metadata(path("dir"), {}); });
  expect_error(ErrorCode::kNotFound, "does not exist", [&] {
    writer.add_alternate_stream({path("a"), u"s"}, 1);
  });
  expect_error(ErrorCode::kNotFound, "does not exist",
               [&] { writer.add_link(path("b"), path("a")); });
  expect_error(ErrorCode::kAccessDenied, "hard", [&] { writer.add_link(path("b"), path("dir")); });
  expect_error(ErrorCode::kInvalidArgument, "root", [&] { writer.remove(ImagePath()); });
  expect_error(ErrorCode::kInvalidArgument, "name",
               [&] { writer.remove(StreamPath::parse("dir")); });
  EXPECT_EQ(writer.commit().files, 2U);
}

}  // namespace
}  // namespace cim
