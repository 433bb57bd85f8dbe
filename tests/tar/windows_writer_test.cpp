// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Tars of layers, written by our writer and read by our reader, Python, GNU tar and bsdtar.

#include "tar/windows_writer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cimlib/attributes.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "base/utf16.h"
#include "expect_error.h"
#include "tar/memory_streams.h"
#include "tar/pax.h"
#include "tar/reader.h"
#include "tar/run_command.h"
#include "temporary_directory.h"

namespace cim::tar {
namespace {

using test::expect_error;
using test::MemorySink;
using test::MemorySource;

constexpr FileTimes kTimes = {.creation = {132444736001234567},
                              .last_write = {132444736010000000},
                              .change = {116444735985000000},
                              .last_access = {0}};

/// A record and its body.
struct Written {
  WindowsRecord record;
  std::string body = {};
};

std::string tar_of(const std::vector<Written>& all) {
  MemorySink sink;
  WindowsWriter writer(sink);
  for (const Written& each : all) {
    writer.add(each.record);
    writer.write(as_bytes(each.body));
  }
  writer.finish();
  return sink.text;
}

void expect_equal(const WindowsRecord& read, const WindowsRecord& written) {
  EXPECT_EQ(read.kind, written.kind);
  EXPECT_EQ(read.path, written.path);
  EXPECT_EQ(read.stream, written.stream);
  EXPECT_EQ(read.link_target, written.link_target);
  EXPECT_EQ(read.size, written.size);
  EXPECT_EQ(read.security_descriptor, written.security_descriptor);
  EXPECT_EQ(read.extended_attributes, written.extended_attributes);
  EXPECT_EQ(read.reparse_data, written.reparse_data);
  if (written.kind < RecordKind::kHardLink) {
    EXPECT_EQ(read.attributes, written.attributes);
    EXPECT_EQ(read.times, written.times);
  }
}

void expect_round_trip(const std::vector<Written>& all) {
  MemorySource source(tar_of(all));
  WindowsReader reader(source);
  for (const Written& each : all) {
    const WindowsRecord* const read = reader.next();
    ASSERT_NE(read, nullptr);
    SCOPED_TRACE(reader.current_path());
    expect_equal(*read, each.record);
    std::string body(each.body.size() + 1, '\0');
    body.resize(reader.read(std::as_writable_bytes(std::span(body))));
    EXPECT_EQ(body, each.body);
  }
  EXPECT_EQ(reader.next(), nullptr);
}

WindowsRecord directory(Names path) {
  return {.kind = RecordKind::kDirectory,
          .path = std::move(path),
          .attributes = attribute::kDirectory,
          .times = kTimes};
}

WindowsRecord file(Names path, std::size_t size = 0) {
  return {.path = std::move(path),
          .size = size,
          .attributes = attribute::kArchive,
          .times = kTimes,
          .security_descriptor = SecurityDescriptor::from_sddl("O:BAG:SYD:(A;;FA;;;BA)").encode()};
}

WindowsRecord reparse_point(Names path, Bytes buffer, std::uint32_t attributes = 0) {
  return {.kind = RecordKind::kReparsePoint,
          .path = std::move(path),
          .attributes = attributes | attribute::kReparsePoint,
          .times = kTimes,
          .reparse_data = std::move(buffer)};
}

Bytes link_to(std::string_view target, std::uint32_t tag = reparse_tag::kSymlink) {
  return ReparsePoint::pointing_to(tag, target).encode();
}

Written stream(Names path, std::u16string name, const std::string& body) {
  return {{.kind = RecordKind::kStream,
           .path = std::move(path),
           .stream = std::move(name),
           .size = body.size()},
          body};
}

WindowsRecord hard_link(Names path, Names target) {
  return {.kind = RecordKind::kHardLink,
          .path = std::move(path),
          .link_target = std::move(target),
          .attributes = attribute::kArchive,
          .times = kTimes};
}

WindowsRecord whiteout(Names path) {
  return {.kind = RecordKind::kWhiteout, .path = std::move(path)};
}

std::vector<Written> sample() {
  const std::u16string long_name(255, u'\u4e2d');
  WindowsRecord eas = file({u"Files", u"eas"});
  eas.extended_attributes = encode_extended_attributes(
      std::vector<ExtendedAttribute>{{.name = "A", .value = Bytes(3, std::byte{7})},
                                     {.name = "LXUID", .value = Bytes(60000, std::byte{1})}});
  return {{directory({u"Files"})},
          {file({u"Files", u"a.txt"}, 5), "hello"},
          stream({u"Files", u"a.txt"}, u"Zone.Identifier", "three"),
          stream({u"Files", u"a.txt"}, u"empty", ""),
          {directory({u"Files", u"dir"})},
          stream({u"Files", u"dir"}, u"of a folder", std::string(70000, 'x')),
          {eas},
          {reparse_point({u"Files", u"junction"}, link_to("C:\\x", reparse_tag::kMountPoint),
                         attribute::kDirectory)},
          {reparse_point({u"Files", u"link"}, link_to("..\\a.txt"))},
          {reparse_point({u"Files", u"to a folder"}, link_to("C:\\dir"), attribute::kDirectory)},
          {hard_link({u"Files", u"other name"}, {u"Files", u"a.txt"})},
          {directory({u"Files", long_name})},
          {file({u"Files", long_name, long_name}, 1), "1"},
          {hard_link({u"Files", long_name, u"z"}, {u"Files", long_name, long_name})},
          {whiteout({u"Files", u"gone"})},
          {whiteout({u"Files", long_name, u"gone"})},
          {{.kind = RecordKind::kOpaqueMarker, .path = {u"Files", u"dir"}}}};
}

TEST(WindowsWriter, RoundTripsThroughTheReader) {
  expect_round_trip(sample());
}

TEST(WindowsWriter, KeepsEveryTime) {
  for (const std::uint64_t ticks :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{116444735999999999},
        std::uint64_t{116444736000000000}, std::uint64_t{132444736001234567},
        std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    WindowsRecord record = file({u"Files", u"f"});
    record.times = {{ticks}, {ticks}, {ticks}, {ticks}};
    expect_round_trip({{record}});
  }
}

TEST(WindowsWriter, KeepsLoneSurrogates) {
  const std::u16string odd = {u'a', char16_t{0xD800}, u'b'};
  expect_round_trip({{file({u"Files", odd})},
                     {reparse_point({u"Files", u"l"}, link_to(to_wtf8(odd)))},
                     {whiteout({u"Files", odd})}});
}

/// Returns the keys of the first entry's records, joined.
std::string keys_of(const WindowsRecord& record) {
  MemorySource source(tar_of({{record}}));
  Reader reader(source);
  std::string keys;
  for (const PaxRecord& each : reader.next()->records->all()) {
    keys += std::string(each.key) + " ";
  }
  return keys;
}

TEST(WindowsWriter, WritesExactlyTheRecordsOfGoWinioInTheirOrder) {
  EXPECT_EQ(keys_of(file({u"Files", u"f"})),
            "LIBARCHIVE.creationtime MSWINDOWS.fileattr MSWINDOWS.rawsd atime ctime ");
  WindowsRecord junction =
      reparse_point({u"Files", u"\u4e2d"}, link_to("C:\\\u4e2d", reparse_tag::kMountPoint),
                    attribute::kDirectory);
  junction.times.last_write.ticks = 1;
  EXPECT_EQ(keys_of(junction),
            "LIBARCHIVE.creationtime MSWINDOWS.fileattr MSWINDOWS.mountpoint atime ctime linkpath "
            "mtime path ");
  EXPECT_EQ(keys_of(hard_link({u"Files", u"f"}, {u"Files", u"g"})),
            "LIBARCHIVE.creationtime MSWINDOWS.fileattr atime ctime ");
  EXPECT_EQ(keys_of(whiteout({u"Files", u"f"})), "");
  EXPECT_EQ(keys_of(sample()[6].record),
            "LIBARCHIVE.creationtime MSWINDOWS.fileattr MSWINDOWS.rawsd MSWINDOWS.xattr.A "
            "MSWINDOWS.xattr.LXUID atime ctime ");
}

TEST(WindowsWriter, KeepsOtherReparseDataInARecordOfItsOwn) {
  Bytes exotic = link_to("target");
  exotic[12] = std::byte{0};  // the offset of the substitute name, so that the two names differ
  const Bytes foreign = {std::byte{0x1b}, std::byte{0},   std::byte{0}, std::byte{0x80},
                         std::byte{2},    std::byte{0},   std::byte{0}, std::byte{0},
                         std::byte{0xAA}, std::byte{0xBB}};
  const ReparsePoint unprinted = {.tag = reparse_tag::kMountPoint,
                                  .substitute_name = u"\\??\\C:\\x"};
  for (const Bytes& buffer : {exotic, foreign, unprinted.encode(), link_to("")}) {
    expect_round_trip({{reparse_point({u"Files", u"l"}, buffer)}});
  }
  EXPECT_EQ(keys_of(reparse_point({u"Files", u"l"}, foreign)),
            "CIMLIB.reparse LIBARCHIVE.creationtime MSWINDOWS.fileattr atime ctime ");
  MemorySource source(tar_of({{reparse_point({u"Files", u"l"}, unprinted.encode())}}));
  EXPECT_EQ(Reader(source).next()->link, "C:\\x");
}

TEST(WindowsWriter, KeepsOddExtendedAttributesInARecordOfTheirOwn) {
  const std::vector<std::vector<ExtendedAttribute>> lists = {
      {{.name = "A=B"}, {.name = "C"}}, {{.name = "NEEDED", .flags = ExtendedAttribute::kNeeded}}};
  for (const auto& list : lists) {
    WindowsRecord record = file({u"Files", u"f"});
    record.extended_attributes = encode_extended_attributes(list);
    expect_round_trip({{record}});
    EXPECT_TRUE(keys_of(record).starts_with("CIMLIB.eas LIBARCHIVE.creationtime "));
  }
}

TEST(WindowsWriter, KeepsTheRealTargetOfALinkAndNotTheDisplayedOne) {
  const ReparsePoint odd = {.tag = reparse_tag::kMountPoint,
                            .substitute_name = u"\\??\\C:\\real",
                            .print_name = u"C:\\shown"};
  MemorySink sink;
  WindowsWriter writer(sink);
  writer.add(reparse_point({u"Files", u"l"}, odd.encode()));
  EXPECT_TRUE(writer.loses_metadata());
  EXPECT_FALSE(writer.has_own_records());
  writer.add(reparse_point({u"Files", u"m"}, link_to("target")));
  EXPECT_FALSE(writer.loses_metadata());
  writer.finish();
  MemorySource source(sink.text);
  WindowsReader reader(source);
  EXPECT_EQ(reader.next()->reparse_data, link_to("C:\\real", reparse_tag::kMountPoint));
}

TEST(WindowsWriter, ReportsTheLossOfAttributesWithEqualNames) {
  WindowsRecord record = file({u"Files", u"f"});
  record.extended_attributes = encode_extended_attributes(
      std::vector<ExtendedAttribute>{{.name = "A", .value = Bytes(1)}, {.name = "B"}});
  // Two entries of 12 bytes each; the second gets the name of the first.
  record.extended_attributes.at(12 + 8) = std::byte{'A'};
  MemorySink sink;
  WindowsWriter writer(sink);
  writer.add(record);
  EXPECT_TRUE(writer.loses_metadata());
  EXPECT_FALSE(writer.has_own_records());
}

TEST(WindowsWriter, RefusesNamesThatReadersTreatAsWhiteouts) {
  for (WindowsRecord record : {file({u"Files", u".wh.x"}), directory({u"Files", u".wh."}),
                               whiteout({u"Files", u".wh..opq"}), whiteout({u"Files"}), file({})}) {
    expect_error(ErrorCode::kUnsupported, "cannot contain this name", [&] { tar_of({{record}}); });
  }
}

TEST(WindowsWriter, RefusesAStreamWithoutItsFile) {
  expect_error(ErrorCode::kInvalidArgument, "Files/b: a stream that does not follow its file", [] {
    tar_of({{file({u"Files", u"a"})}, stream({u"Files", u"b"}, u"s", "")});
  });
  expect_error(ErrorCode::kInvalidArgument, "does not follow its file", [] {
    tar_of({{file({u"Files", u"a"})},
            {hard_link({u"Files", u"b"}, {u"Files", u"a"})},
            stream({u"Files", u"b"}, u"s", "")});
  });
}

TEST(WindowsWriter, IsReadCorrectlyByOtherPrograms) {
  const test::TemporaryDirectory directory;
  test::write_file(directory.path() / "t.tar", tar_of(sample()));
  test::run_command(directory.path(),
                    "export LC_ALL=C.UTF-8\n"
                    "tar --warning=no-unknown-keyword --quoting-style=literal -tf t.tar > gnu\n"
                    "bsdtar -tf t.tar > bsd\n"
                    "python3 '" CIMLIB_TAR_TESTS "/list_tar.py' t.tar > python");
  std::string paths;
  const std::string long_name = to_wtf8(std::u16string(255, u'\u4e2d'));
  for (const std::string& path :
       {std::string("Files"), std::string("Files/a.txt"),
        std::string("Files/a.txt:Zone.Identifier"), std::string("Files/a.txt:empty"),
        std::string("Files/dir"), std::string("Files/dir:of a folder"), std::string("Files/eas"),
        std::string("Files/junction"), std::string("Files/link"), std::string("Files/to a folder"),
        std::string("Files/other name"), "Files/" + long_name,
        "Files/" + long_name + "/" + long_name, "Files/" + long_name + "/z",
        std::string("Files/.wh.gone"), "Files/" + long_name + "/.wh.gone",
        std::string("Files/dir/.wh..wh..opq")}) {
    paths += path;
    paths += "\n";
  }
  EXPECT_EQ(test::read_file(directory.path() / "gnu"), paths);
  EXPECT_EQ(test::read_file(directory.path() / "bsd"), paths);
  const std::string listed = test::read_file(directory.path() / "python");
  EXPECT_NE(listed.find("0 5 1600000001.000000000 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e7"
                        "3043362938b9824 Files/a.txt>\n"),
            std::string::npos)
      << listed;
  EXPECT_NE(listed.find(" Files/junction>C:\\x\n"), std::string::npos) << listed;
  EXPECT_NE(listed.find(" Files/other name>Files/a.txt\n"), std::string::npos) << listed;
}

}  // namespace
}  // namespace cim::tar
