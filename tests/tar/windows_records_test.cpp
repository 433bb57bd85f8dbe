// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/windows_records.h"

#include <gtest/gtest.h>

#include "cimlib/attributes.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/reparse.h"

#include "base/utf16.h"
#include "expect_error.h"
#include "os/crypto.h"
#include "tar/memory_streams.h"
#include "tar/tar_builder.h"
#include "tar/windows_record.h"

namespace cim::tar {
namespace {

using namespace std::string_view_literals;
using test::end_marker;
using test::EntryBytes;
using test::expect_error;
using test::expect_refusal;
using test::first_record;
using test::MemorySource;

TEST(WindowsRecords, DistinguishesFilesDirectoriesAndLinks) {
  const std::string tar = EntryBytes{.name = "Files/", .type = '5'}.bytes() +
                          EntryBytes{.name = "Files/f", .body = "four"}.bytes() +
                          EntryBytes{.name = "Files/f:s", .body = "in stream"}.bytes() +
                          EntryBytes{.name = "Files/g", .type = '1', .link = "Files/f"}.bytes() +
                          EntryBytes{.name = "Files/l", .type = '2', .link = "f"}.bytes() +
                          EntryBytes{.name = "Files/.wh.x"}.bytes() +
                          EntryBytes{.name = "Files/.wh..wh..opq"}.bytes() + end_marker();
  MemorySource source(tar);
  WindowsReader reader(source);
  using enum RecordKind;
  for (const RecordKind kind :
       {kDirectory, kFile, kStream, kHardLink, kReparsePoint, kWhiteout, kOpaqueMarker}) {
    const WindowsRecord* const record = reader.next();
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->kind, kind);
    if (kind == kFile) {
      EXPECT_EQ(record->size, 4U);
      EXPECT_EQ(record->path, (Names{u"Files", u"f"}));
      EXPECT_EQ(as_text(reader.body()), "four");
    } else if (kind == kStream) {
      EXPECT_EQ(record->size, 9U);
      EXPECT_EQ(record->path, (Names{u"Files", u"f"}));
      EXPECT_EQ(record->stream, u"s");
      EXPECT_EQ(as_text(reader.body()), "in stream");
      EXPECT_EQ(reader.current_path(), "Files/f:s");
    } else if (kind == kHardLink) {
      EXPECT_EQ(record->link_target, (Names{u"Files", u"f"}));
    } else if (kind == kWhiteout) {
      EXPECT_EQ(record->path, (Names{u"Files", u"x"}));
    } else if (kind == kOpaqueMarker) {
      EXPECT_EQ(record->path, (Names{u"Files"}));
    }
  }
  EXPECT_EQ(reader.next(), nullptr);
}

TEST(WindowsRecords, SkipsTheRoot) {
  EXPECT_EQ(first_record(EntryBytes{.name = "./", .type = '5'}.bytes() +
                         EntryBytes{.name = "./Files", .type = '5'}.bytes())
                .path,
            (Names{u"Files"}));
  expect_refusal("test.tar: at byte 0: ./: an entry without a name",
                 EntryBytes{.name = "./"}.bytes());
}

TEST(WindowsRecords, RefusesBadPathsNamingEntryAndOffset) {
  expect_refusal(
      "test.tar: at byte 512: Files/../x: a path that contains \"..\"",
      EntryBytes{.name = "Files", .type = '5'}.bytes() + EntryBytes{.name = "Files/../x"}.bytes());
  expect_refusal("Files/l: an absolute path",
                 EntryBytes{.name = "Files/l", .type = '1', .link = "/etc/passwd"}.bytes());
}

TEST(WindowsRecords, RefusesTypesThatALayerCannotContain) {
  expect_refusal("Files/x: a character device", EntryBytes{.name = "Files/x", .type = '3'}.bytes(),
                 ErrorCode::kUnsupported);
  expect_refusal("Files/x: a block device", EntryBytes{.name = "Files/x", .type = '4'}.bytes(),
                 ErrorCode::kUnsupported);
  expect_refusal("Files/x: a FIFO", EntryBytes{.name = "Files/x", .type = '6'}.bytes(),
                 ErrorCode::kUnsupported);
  expect_refusal("Files/x: a contiguous file", EntryBytes{.name = "Files/x", .type = '7'}.bytes(),
                 ErrorCode::kUnsupported);
  expect_refusal("Files/x: an entry of unknown type",
                 EntryBytes{.name = "Files/x", .type = 'Z', .body = "b"}.bytes(),
                 ErrorCode::kUnsupported);
}

TEST(WindowsRecords, RefusesAFileWhoseNameEndsInASlash) {
  expect_refusal("a file whose name ends in a slash",
                 EntryBytes{.name = "Files/d/", .type = '0'}.bytes());
  EXPECT_EQ(first_record(EntryBytes{.name = "Files/d/", .type = '\0'}.bytes()).kind,
            RecordKind::kDirectory);
}

TEST(WindowsRecords, WhiteoutsMayHaveAnyType) {
  for (const char type : {'0', '1', '2', '3', '5', '7'}) {
    EXPECT_EQ(first_record(EntryBytes{.name = "Files/.wh.x", .type = type}.bytes()).kind,
              RecordKind::kWhiteout);
  }
}

TEST(WindowsRecords, StreamsFollowTheirFile) {
  const std::string stream = EntryBytes{.name = "Files/f:s:$DATA"}.bytes();
  const std::string file = EntryBytes{.name = "Files/F", .body = "b"}.bytes();
  const std::string link = EntryBytes{.name = "Files/f", .type = '1', .link = "Files/F"}.bytes();
  expect_refusal("a stream that does not follow its file", stream);
  expect_refusal("a stream that does not follow its file", file + link + stream);
  expect_refusal("a stream that does not follow its file",
                 file + EntryBytes{.name = "Files/.wh.x"}.bytes() + stream);
  expect_refusal("a stream that does not follow its file",
                 file + EntryBytes{.name = "Files/f2", .body = "b"}.bytes() + stream);
  expect_refusal("a stream that is not stored as a regular file",
                 file + EntryBytes{.name = "Files/f:s", .type = '5'}.bytes());
}

TEST(WindowsRecords, StreamsOfOneFileHaveDifferentNames) {
  const std::string file = EntryBytes{.name = "Files/f"}.bytes();
  const std::string stream = EntryBytes{.name = "Files/f:s"}.bytes();
  const std::string other = EntryBytes{.name = "Files/f:t"}.bytes();
  expect_refusal("Files/f:S:$DATA: a second stream of this name",
                 file + stream + other + EntryBytes{.name = "Files/f:S:$DATA"}.bytes());
  MemorySource source(file + stream + other + EntryBytes{.name = "Files/g"}.bytes() +
                      EntryBytes{.name = "Files/g:s"}.bytes() + end_marker());
  WindowsReader reader(source);
  for (int i = 0; i < 5; ++i) {
    EXPECT_NE(reader.next(), nullptr);
  }
  EXPECT_EQ(reader.next(), nullptr);
}

/// Returns the whole content of a tar as text, or the error.
std::string summary(const std::string& tar) {
  MemorySource source(tar);
  WindowsReader reader(source);
  std::string text;
  try {
    while (const WindowsRecord* const record = reader.next()) {
      for (const auto& name : record->path) {
        text += to_wtf8(name) + "/";
      }
      text += fmt::format("{} {} {} ", to_wtf8(record->stream), static_cast<int>(record->kind),
                          record->attributes);
      for (ByteView run = reader.body(); !run.empty(); run = reader.body()) {
        text += as_text(run);
      }
    }
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("test.tar: at byte "));
    return "refused";
  }
  return reader.had_end_marker() ? text : "without an end";
}

TEST(WindowsRecords, DetectsDamageExceptInUncheckedData) {
  const std::string tar = EntryBytes{.name = "Files/d",
                                     .type = '5',
                                     .records = {{"MSWINDOWS.fileattr", "16"}, {"mtime", "1.5"}}}
                              .bytes() +
                          EntryBytes{.name = "Files/d/f", .body = "body"}.bytes() +
                          EntryBytes{.name = "Files/d/f:s", .body = "more"}.bytes() + end_marker();
  ASSERT_EQ(summary(tar), "Files/d/ 1 16 Files/d/f/ 0 0 bodyFiles/d/f/s 4 0 more");
  for (std::size_t i = 0; i < tar.size(); ++i) {
    std::string flipped = tar;
    flipped[i] = static_cast<char>(flipped[i] ^ '\x04');
    const std::string result = summary(flipped);
    const bool is_in_records = i >= 512 && i < 1024;
    const bool is_in_a_body = (i >= 2048 && i < 2560) || (i >= 3072 && i < 3584);
    EXPECT_TRUE(result == "refused" || is_in_records || is_in_a_body) << i << ": " << result;
  }
  for (std::size_t size = 0; size < tar.size(); ++size) {
    // Between two entries: after the body of the first.
    const bool is_between = size == 1536 || size == 2560 || size == 3584;
    if (size != tar.size() - 512) {
      EXPECT_EQ(summary(tar.substr(0, size)), is_between ? "without an end" : "refused") << size;
    }
  }
}

}  // namespace
}  // namespace cim::tar
