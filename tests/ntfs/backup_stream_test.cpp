// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// CIMLIB_BACKUP_CUTS is the number of times that a stream is cut into pieces at random.
#include "ntfs/backup_stream.h"

#include <algorithm>
#include <cstdlib>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/utf16.h"
#include "expect_error.h"
#include "ntfs/backup_bytes.h"

namespace cim {
namespace {

using test::alternate;
using test::BackupRecord;
using test::BackupRecords;
using test::block;
using test::bytes_of;
using test::data;
using test::expect_error;
using test::length;
using test::sparse;
using testing::ElementsAre;

/// A record that was read: its header and all of its bytes.
struct ReadRecord {
  BackupHeader header;
  std::uint64_t offset = 0;
  std::string body;
  bool is_complete = false;

  bool operator==(const ReadRecord&) const = default;
};

/// Reads pieces of a stream, which all are copied, so that no byte outside of a piece can be read.
class Reading {
 public:
  void add(std::string_view piece) {
    const Bytes copy(as_bytes(piece).begin(), as_bytes(piece).end());
    ByteView input = copy;
    while (const auto event = reader_.next(input)) {
      if (event->kind == BackupEvent::Kind::kHeader) {
        records_.push_back({reader_.header(), reader_.header_offset(), {}, false});
      } else if (event->kind == BackupEvent::Kind::kBytes) {
        EXPECT_FALSE(event->bytes.empty());
        records_.back().body += as_text(event->bytes);
      } else {
        records_.back().is_complete = true;
      }
    }
    EXPECT_TRUE(input.empty());
  }

  const std::vector<ReadRecord>& finish() {
    reader_.finish();
    return records_;
  }

  const BackupReader& reader() const { return reader_; }

 private:
  BackupReader reader_{"\\a"};
  std::vector<ReadRecord> records_;
};

std::vector<ReadRecord> read(const BackupRecords& records) {
  Reading reading;
  reading.add(bytes_of(records));
  return reading.finish();
}

void expect_failure(ErrorCode code, std::string_view words, const BackupRecords& records) {
  SCOPED_TRACE(words);
  expect_error(code, words, [&] { read(records); });
}

/// The header that a description stands for.
BackupHeader header_of(const BackupRecord& record) {
  BackupHeader header = {.id = static_cast<BackupId>(record.id),
                         .attributes = record.attributes,
                         .size = record.body.size(),
                         .offset = record.offset.value_or(0)};
  if (record.id == 4) {
    header.name = record.name.substr(1, record.name.find(u':', 1) - 1);
  }
  return header;
}

TEST(BackupReader, ReturnsEachRecordWithItsBytes) {
  for (const BackupRecords& records : test::backup_corpus()) {
    const auto found = read(records);
    ASSERT_EQ(found.size(), records.size());
    std::uint64_t offset = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const ReadRecord expected = {header_of(records[i]), offset, records[i].body, true};
      EXPECT_EQ(found[i], expected);
      offset += records[i].bytes().size();
    }
  }
}

TEST(BackupReader, KnowsTheLengthOfASparseStream) {
  const auto length_of = [](const BackupRecords& records) {
    Reading reading;
    reading.add(bytes_of(records));
    return reading.reader().sparse_length();
  };
  EXPECT_EQ(length_of({sparse(data("abc"))}), 3U);
  EXPECT_EQ(length_of({sparse(data("")), block(100, "x"), block(10, "y")}), 101U);
  EXPECT_EQ(length_of({sparse(data("")), block(100, "x"), length(101)}), 101U);
  EXPECT_EQ(length_of({sparse(data("")), block(100, "x"), length(500)}), 500U);
  EXPECT_EQ(length_of({sparse(data("")), block(kMaxBackupOffset - 1, "x")}), kMaxBackupOffset);
}

TEST(BackupReader, ReturnsTheSameHoweverTheStreamIsCut) {
  const char* const text = std::getenv("CIMLIB_BACKUP_CUTS");
  const std::size_t cuts = text == nullptr ? 20'000 : std::strtoul(text, nullptr, 10);
  struct Case {
    std::string bytes;
    std::vector<ReadRecord> whole;
  };
  std::vector<Case> cases;
  for (const BackupRecords& records : test::backup_corpus()) {
    cases.push_back({bytes_of(records), read(records)});
  }
  std::mt19937 random(1);
  for (std::size_t i = 0; i < cuts && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(i);
    const auto& [bytes, whole] = cases[i % cases.size()];
    // Pieces of one size range, which is different for each cut.
    const std::size_t most = std::size_t{1} << (random() % 13);
    Reading reading;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t size = std::min<std::size_t>(random() % (most + 1), bytes.size() - at);
      reading.add(std::string_view(bytes).substr(at, size));
      at += size;
    }
    EXPECT_EQ(reading.finish(), whole);
  }
}

TEST(BackupReader, RefusesAStreamThatEndsWithinARecord) {
  for (const BackupRecords& records : test::backup_corpus()) {
    std::vector<std::size_t> ends = {0};
    for (const BackupRecord& record : records) {
      ends.push_back(ends.back() + record.bytes().size());
    }
    const std::string bytes = bytes_of(records).substr(0, 1000);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      Reading reading;
      reading.add(std::string_view(bytes).substr(0, size));
      if (std::ranges::find(ends, size) == ends.end()) {
        expect_error(ErrorCode::kCorrupt, fmt::format("at byte {}: the backup stream ends", size),
                     [&] { reading.finish(); });
      } else {
        EXPECT_NO_THROW(reading.finish());
      }
    }
  }
}

TEST(BackupReader, NamesTheFileAndTheOffsetOfWhatIsWrong) {
  expect_failure(ErrorCode::kCorrupt, "\\a: at byte 22: a record of the kind 0",
                 {data("xy"), {.id = 0}});
}

TEST(BackupReader, RefusesUnknownKindsAndAttributes) {
  expect_failure(ErrorCode::kUnsupported, "unknown kind 11", {{.id = 11}});
  expect_failure(ErrorCode::kUnsupported, "unknown kind 4294967295", {{.id = 0xFFFF'FFFF}});
  expect_failure(ErrorCode::kUnsupported, "unknown attributes 0x30",
                 {{.id = 1, .attributes = 0x38}});
}

TEST(BackupReader, RefusesWhatAFileCannotHaveTwice) {
  for (const std::uint32_t id : {1U, 2U, 3U, 8U}) {
    expect_failure(ErrorCode::kCorrupt, fmt::format("a second record of the kind {}", id),
                   {{.id = id}, {.id = id}});
  }
  EXPECT_EQ(read({{.id = 5}, {.id = 5}, {.id = 7}, {.id = 7}}).size(), 4U);
}

TEST(BackupReader, RefusesSizesAndOffsetsOfMoreThan63Bits) {
  constexpr std::uint64_t kTooMany = kMaxBackupOffset + 1;
  expect_failure(ErrorCode::kCorrupt, "exceeds 63 bits", {{.id = 1, .size = kTooMany}});
  expect_failure(ErrorCode::kCorrupt, "exceeds 63 bits", {{.id = 7, .size = ~std::uint64_t{0}}});
  for (const std::uint64_t offset : {kTooMany, kMaxBackupOffset, ~std::uint64_t{0}}) {
    expect_failure(ErrorCode::kCorrupt, "ends past 63 bits",
                   {sparse(data("")), block(offset, "x")});
  }
  expect_failure(ErrorCode::kCorrupt, "ends past 63 bits", {sparse(data("")), length(kTooMany)});
}

TEST(BackupReader, ReservesNothingForTheSizeThatARecordClaims) {
  Reading reading;
  reading.add(BackupRecord{.id = 3, .body = "few", .size = kMaxBackupOffset}.bytes());
  EXPECT_EQ(reading.reader().header().size, kMaxBackupOffset);
  expect_error(ErrorCode::kCorrupt, "ends 9223372036854775804 bytes before",
               [&] { reading.finish(); });
}

TEST(BackupReader, RefusesNamesThatAreNotThoseOfAlternateStreams) {
  const auto named = [](const std::u16string& name) {
    return BackupRecords{{.id = 4, .name = name}};
  };
  expect_failure(ErrorCode::kCorrupt, "without a name", named(u""));
  expect_failure(ErrorCode::kCorrupt, "\"a\" is not", named(u"a"));
  expect_failure(ErrorCode::kCorrupt, "\":\" is not", named(u":"));
  expect_failure(ErrorCode::kCorrupt, "\"::$DATA\" is not", named(u"::$DATA"));
  expect_failure(ErrorCode::kUnsupported, "not a stream of the type $DATA",
                 named(u":a:$INDEX_ALLOCATION"));
  expect_failure(ErrorCode::kUnsupported, "not a stream of the type $DATA", named(u":a:"));
  expect_failure(ErrorCode::kUnsupported, "not a stream of the type $DATA", named(u":a:b:$DATA"));
  expect_failure(ErrorCode::kCorrupt, "a name of 256 UTF-16 units",
                 {alternate(std::u16string(256, u'n'), "")});
  EXPECT_EQ(read({alternate(std::u16string(255, u'n'), "")}).size(), 1U);
  expect_failure(ErrorCode::kCorrupt, "a name of 1026 bytes",
                 named(u":" + std::u16string(512, u'n')));
  expect_failure(ErrorCode::kCorrupt, "a name of 4294967294 bytes",
                 {{.id = 4, .name_size = 0xFFFF'FFFE}});
  expect_failure(ErrorCode::kCorrupt, "a name of 3 bytes", {{.id = 4, .name_size = 3}});
  for (const std::uint32_t id : {1U, 2U, 3U, 8U}) {
    expect_failure(ErrorCode::kCorrupt, "a name in a record that cannot have one",
                   {{.id = id, .name = u":a"}});
  }
  EXPECT_EQ(read(named(u":a:$data")).at(0).header.name, u"a");
  EXPECT_EQ(read({{.id = 10, .name = u":$TXF_DATA:$LOGGED_UTILITY_STREAM"}}).size(), 1U);
}

TEST(BackupReader, RefusesSparseBlocksWithoutTheirStream) {
  constexpr std::string_view kNoStream = "does not follow a sparse stream";
  expect_failure(ErrorCode::kCorrupt, kNoStream, {block(0, "x")});
  expect_failure(ErrorCode::kCorrupt, kNoStream, {data(""), block(0, "x")});
  expect_failure(ErrorCode::kCorrupt, kNoStream, {sparse(data("")), {.id = 7}, block(0, "x")});
  expect_failure(ErrorCode::kCorrupt, kNoStream,
                 {sparse(data("")), alternate(u"a", ""), block(0, "x")});
  expect_failure(ErrorCode::kCorrupt, kNoStream, {{.id = 3, .attributes = 8}, block(0, "x")});
}

TEST(BackupReader, RefusesSparseBlocksThatContradictTheLengthOfTheStream) {
  expect_failure(ErrorCode::kCorrupt, "after the one that ends the stream",
                 {sparse(data("")), length(10), block(0, "x")});
  expect_failure(ErrorCode::kCorrupt, "after the one that ends the stream",
                 {sparse(data("")), length(10), length(10)});
  expect_failure(ErrorCode::kCorrupt, "has 10 bytes, but a sparse block ends at 11",
                 {sparse(data("")), block(10, "x"), length(10)});
  expect_failure(ErrorCode::kCorrupt, "has 2 bytes, but a sparse block ends at 3",
                 {sparse(data("abc")), length(2)});
  expect_failure(ErrorCode::kCorrupt, "without an offset",
                 {sparse(data("")), {.id = 9, .size = 7}});
}

std::string written(const std::vector<ReadRecord>& records) {
  std::string bytes;
  BackupWriter writer([&bytes](ByteView piece) { bytes += as_text(piece); });
  for (const ReadRecord& record : records) {
    writer.start(record.header);
    const ByteView body = as_bytes(record.body);
    writer.write(body.first(body.size() / 2));
    writer.write(body.subspan(body.size() / 2));
  }
  writer.finish();
  return bytes;
}

TEST(BackupWriter, WritesWhatWasRead) {
  for (BackupRecords records : test::backup_corpus()) {
    for (BackupRecord& record : records) {
      if (record.name == u":short") {
        record.name = u":short:$DATA";
      }
    }
    EXPECT_EQ(written(read(records)), bytes_of(records));
  }
}

TEST(BackupWriter, RefusesTooFewAndTooManyBytes) {
  BackupWriter writer([](ByteView) {});
  writer.start({.size = 2});
  expect_error(ErrorCode::kInvalidArgument, "3 bytes are too many; only 2",
               [&] { writer.write(as_bytes("abc")); });
  writer.write(as_bytes("a"));
  expect_error(ErrorCode::kInvalidArgument, "1 bytes of a record are missing",
               [&] { writer.finish(); });
  expect_error(ErrorCode::kInvalidArgument, "1 bytes of a record are missing",
               [&] { writer.start({}); });
  writer.write(as_bytes("b"));
  writer.finish();
}

TEST(BackupWriter, RefusesHeadersThatCannotBeRead) {
  const auto refuses = [](std::string_view words, const BackupHeader& header) {
    SCOPED_TRACE(words);
    BackupWriter writer([](ByteView) { FAIL(); });
    expect_error(ErrorCode::kInvalidArgument, words, [&] { writer.start(header); });
  };
  refuses("without colons", {.id = BackupId::kAlternateData});
  refuses("without colons", {.id = BackupId::kAlternateData, .name = u"a:b"});
  refuses("only an alternate stream", {.id = BackupId::kData, .name = u"a"});
  refuses("a name of 256 UTF-16 units",
          {.id = BackupId::kAlternateData, .name = std::u16string(256, u'n')});
  refuses("exceeds 63 bits", {.size = kMaxBackupOffset + 1});
  refuses("exceeds 63 bits", {.id = BackupId::kSparseBlock, .size = kMaxBackupOffset - 7});
  refuses("exceeds 63 bits", {.id = BackupId::kSparseBlock, .size = 1, .offset = kMaxBackupOffset});
  refuses("exceeds 63 bits",
          {.id = BackupId::kSparseBlock, .size = 2, .offset = ~std::uint64_t{0}});
}

}  // namespace
}  // namespace cim
