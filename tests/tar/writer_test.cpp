// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/writer.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "cimlib/version.h"

#include "expect_error.h"
#include "tar/compression.h"
#include "tar/memory_streams.h"
#include "tar/pax.h"
#include "tar/reader.h"
#include "tar/run_command.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::tar {
namespace {

using namespace std::string_view_literals;
using test::expect_error;
using test::MemorySink;
using test::MemorySource;

/// Returns the tar of one entry, without the end marker.
std::string written(const NewEntry& entry, std::string_view body = {}) {
  MemorySink sink;
  Writer writer(sink);
  writer.begin(entry);
  writer.write(as_bytes(body));
  writer.finish();
  EXPECT_EQ(writer.offset(), sink.text.size());
  EXPECT_TRUE(sink.text.ends_with(test::end_marker()));
  return sink.text.substr(0, sink.text.size() - test::end_marker().size());
}

std::string record(std::string_view key, std::string_view value) {
  std::string text;
  append_pax_record(text, key, value);
  return text;
}

/// A tar's only entry, as read back.
struct Seen {
  std::string path;
  std::string link;
  TypeFlag type;
  std::uint64_t size;
  UnixTime mtime;
  std::size_t records;

  bool operator==(const Seen&) const = default;
};

Seen read_back(const std::string& entry) {
  MemorySource source(entry + test::end_marker());
  Reader reader(source);
  const Entry* const found = reader.next();
  Seen seen = {
      std::string(found->path),    std::string(found->link), found->type, found->size, found->mtime,
      found->records->all().size()};
  while (!reader.body().empty()) {
  }
  EXPECT_EQ(reader.next(), nullptr);
  return seen;
}

TEST(Writer, WritesAPlainHeaderAsGoDoes) {
  const std::string tar =
      written({.path = "a", .mode = 0100000, .size = 5, .mtime = {1000, 0}}, "hello");
  ASSERT_EQ(tar.size(), 1024U);
  EXPECT_EQ(tar.substr(0, 2), "a\0"sv);
  EXPECT_EQ(tar.substr(100, 57),
            "0100000\0"
            "0000000\0"
            "0000000\0"
            "00000000005\0"
            "00000001750\0"
            "007343\0 "
            "0"sv);
  EXPECT_EQ(tar.substr(257, 8),
            "ustar\0"
            "00"sv);
  EXPECT_EQ(tar.substr(329, 17),
            "0000000\0"
            "0000000\0\0"sv);
  EXPECT_EQ(tar.substr(512), test::padded("hello"));
}

TEST(Writer, PutsRecordsFirstAsGoDoes) {
  const std::string records = record("MSWINDOWS.fileattr", "32");
  const std::string tar = written({.path = "dir/a", .records = records});
  ASSERT_EQ(tar.size(), 1536U);
  EXPECT_EQ(tar.substr(0, 19), "dir/PaxHeaders.0/a\0"sv);
  EXPECT_EQ(tar.substr(100, 8), "0000000\0"sv);
  EXPECT_EQ(tar.substr(124, 12), "00000000031\0"sv);
  EXPECT_EQ(tar[156], 'x');
  EXPECT_EQ(tar.substr(329, 16), std::string(16, '\0'));
  EXPECT_EQ(tar.substr(512, 512), test::padded("25 MSWINDOWS.fileattr=32\n"));
  EXPECT_EQ(tar.substr(1024, 6), "dir/a\0"sv);
}

TEST(Writer, SplitsALongPathOnlyWhereNothingElseNeedsRecords) {
  const std::string path = std::string(120, 'd') + "/" + std::string(99, 'n');
  const std::string plain = written({.path = path});
  EXPECT_EQ(plain.size(), 512U);
  EXPECT_EQ(plain.substr(345, 120), std::string(120, 'd'));
  EXPECT_EQ(read_back(plain).path, path);
  const std::string with_records = written({.path = path, .records = record("atime", "1")});
  EXPECT_EQ(with_records.substr(512, 236),
            record("atime", "1") + record("path", path).substr(0, 225));
  EXPECT_EQ(read_back(with_records).path, path);
}

TEST(Writer, KeepsNamesOfAnyLengthAndScript) {
  for (const std::string& path :
       {std::string(100, 'n'), std::string(101, 'n'), std::string(300, 'n') + "/x",
        std::string("d/") + std::string(155, 'n') + "/x",
        std::string("d/") + std::string(153, 'n') + "/x", std::string("d/") + std::string(254, 'n'),
        std::string("\u4e2d/\U0001F4E6"), std::string("\xED\xA0\x80"), std::string("a\nb=c")}) {
    EXPECT_EQ(read_back(written({.path = path})).path, path);
    EXPECT_EQ(read_back(written({.path = path, .records = record("ctime", "0")})).path, path);
    const Seen link = read_back(written({.path = "l", .link = path, .type = TypeFlag::kSymlink}));
    EXPECT_EQ(link.link, path);
  }
}

TEST(Writer, UsesRecordsForValuesThatDoNotFitTheHeader) {
  struct Case {
    UnixTime mtime;
    std::size_t records;
  };
  for (const Case& each :
       {Case{{0, 0}, 0}, Case{{8589934591, 0}, 0}, Case{{8589934592, 0}, 1}, Case{{-1, 0}, 1},
        Case{{5, 100}, 1}, Case{{-2, 999'999'900}, 1}, Case{{-11'644'473'600, 0}, 1},
        Case{{1'833'029'933'770, 955'161'500}, 1}}) {
    const Seen seen = read_back(written({.path = "f", .mtime = each.mtime}));
    EXPECT_EQ(seen.mtime, each.mtime);
    EXPECT_EQ(seen.records, each.records) << each.mtime.seconds;
  }
}

TEST(Writer, UsesARecordForSizesFrom8GiB) {
  MemorySink sink;
  Writer writer(sink);
  writer.begin({.path = "f", .size = std::uint64_t{8} << 30});
  const Bytes piece(std::size_t{1} << 20);
  writer.write(piece);
  EXPECT_EQ(sink.text.substr(512, 19), "19 size=8589934592\n");
  EXPECT_EQ(sink.text.substr(1024 + 124, 12), "00000000000\0"sv);
}

TEST(Writer, RequiresExactlyTheStatedSize) {
  const auto expect_refused = [](std::string_view words, std::string_view body, auto&& call) {
    MemorySink sink;
    Writer writer(sink);
    writer.begin({.path = "f", .size = 3});
    writer.write(as_bytes(body));
    expect_error(ErrorCode::kInvalidArgument, words, [&] { call(writer); });
  };
  expect_refused("2 bytes more than the entry's size", "",
                 [](Writer& writer) { writer.write(as_bytes("12345")); });
  expect_refused("1 bytes of the entry are missing", "12",
                 [](Writer& writer) { writer.begin({.path = "g"}); });
  expect_refused("1 bytes of the entry are missing", "12", [](Writer& writer) { writer.finish(); });
}

TEST(Writer, RefusesMoreRecordsThanReadersAccept) {
  MemorySink sink;
  Writer writer(sink);
  expect_error(ErrorCode::kLimit, "bytes of metadata", [&] {
    writer.begin({.path = "f", .records = record("k", std::string(1 << 20, 'x'))});
  });
}

TEST(Writer, PassesLargeRunsForAnyPieces) {
  const std::string body(700'000, 'x');
  std::string first;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{4097}, body.size()}) {
    MemorySink sink;
    Writer writer(sink);
    writer.begin({.path = "f", .size = body.size()});
    for (std::string_view rest = body; !rest.empty();) {
      const std::size_t size = std::min(piece, rest.size());
      writer.write(as_bytes(rest.substr(0, size)));
      rest.remove_prefix(size);
    }
    writer.finish();
    first = first.empty() ? sink.text : first;
    EXPECT_EQ(sink.text, first);
  }
}

TEST(PaxTime, FormatsWhatItParses) {
  struct Case {
    UnixTime time;
    std::string_view text;
  };
  for (const Case& each :
       {Case{{0, 0}, "0"}, Case{{1600000000, 123'456'700}, "1600000000.1234567"},
        Case{{-2, 500'000'000}, "-1.5"}, Case{{-1, 500'000'000}, "-0.5"}, Case{{-1, 0}, "-1"},
        Case{{5, 1}, "5.000000001"},
        Case{{std::numeric_limits<std::int64_t>::max(), 0}, "9223372036854775807"},
        Case{{std::numeric_limits<std::int64_t>::min(), 0}, "-9223372036854775808"}}) {
    EXPECT_EQ(format_pax_time(each.time), each.text);
    if (each.time.seconds != std::numeric_limits<std::int64_t>::min()) {
      EXPECT_EQ(parse_pax_time(each.text), each.time);
    }
  }
}

TEST(PaxRecord, CountsItsOwnLength) {
  for (std::size_t size = 0; size < 1200; ++size) {
    const std::string text = record("key", std::string(size, 'v'));
    EXPECT_EQ(text, test::pax_record("key", std::string(size, 'v')));
    PaxRecords records;
    std::ranges::copy(text, records.prepare(text.size()).begin());
    ASSERT_EQ(records.parse(), "");
    EXPECT_EQ(records.find("key")->size(), size);
  }
}

TEST(Sinks, CompressLosslessly) {
  const test::TemporaryDirectory directory;
  std::string text;
  for (int i = 0; i < 200'000; ++i) {
    text += std::to_string(i * 7919);
  }
  test::write_file(directory.path() / "plain", text);
  for (const bool is_gzip : {true, false}) {
    if (!is_gzip && !has_feature("zstd")) {
      continue;
    }
    std::string first;
    for (const std::size_t piece : {std::size_t{777}, std::size_t{512} * 1024, text.size()}) {
      MemorySink packed;
      const auto sink = is_gzip ? make_gzip_sink(packed) : make_zstd_sink(packed);
      for (std::string_view rest = text; !rest.empty();) {
        const std::size_t size = std::min(piece, rest.size());
        sink->write({as_bytes(rest.substr(0, size)), nullptr});
        rest.remove_prefix(size);
      }
      sink->finish();
      EXPECT_EQ(packed.finished, 1);
      EXPECT_LT(packed.text.size(), text.size() * 3 / 4);
      first = first.empty() ? packed.text : first;
      EXPECT_EQ(packed.text, first) << "in pieces of " << piece;
    }
    test::write_file(directory.path() / "packed", first);
    test::run_command(directory.path(), is_gzip ? "gzip -dc < packed | cmp - plain"
                                                : "zstd -qdc < packed | cmp - plain");
  }
}

TEST(Sinks, CompressNothingToAValidStream) {
  const test::TemporaryDirectory directory;
  for (const bool is_gzip : {true, false}) {
    if (!is_gzip && !has_feature("zstd")) {
      continue;
    }
    MemorySink packed;
    (is_gzip ? make_gzip_sink(packed) : make_zstd_sink(packed))->finish();
    test::write_file(directory.path() / "packed", packed.text);
    // Not by $(...), which would hide a failure of the program.
    test::run_command(directory.path(), is_gzip ? "gzip -dc < packed > plain; test ! -s plain"
                                                : "zstd -qdc < packed > plain; test ! -s plain");
  }
}

TEST(WriterAfterAFailure, RefusesEveryCall) {
  MemorySink sink;
  Writer writer(sink);
  writer.begin({.path = "a", .size = 3});
  for (int i = 0; i < 2; ++i) {
    const auto expect_refused = [](auto&& call) {
      expect_error(ErrorCode::kInvalidArgument, "more than the entry's size", call);
    };
    expect_refused([&] { writer.write(as_bytes("four")); });
    expect_refused([&] { writer.begin({.path = "b"}); });
    expect_refused([&] { writer.write(as_bytes("abc")); });
    expect_refused([&] { writer.finish(); });
  }
}

TEST(WriterAfterItsEnd, RefusesEveryCall) {
  MemorySink sink;
  Writer writer(sink);
  writer.finish();
  const auto expect_refused = [](auto&& call) {
    expect_error(ErrorCode::kInvalidArgument, "already finished", call);
  };
  expect_refused([&] { writer.begin({.path = "b"}); });
  expect_refused([&] { writer.write({}); });
  expect_refused([&] { writer.finish(); });
}

}  // namespace
}  // namespace cim::tar
