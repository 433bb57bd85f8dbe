// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/windows_metadata.h"

#include <gtest/gtest.h>

#include "cimlib/attributes.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/reparse.h"

#include "base/utf16.h"
#include "expect_error.h"
#include "os/base64.h"
#include "os/crypto.h"
#include "tar/tar_builder.h"
#include "tar/windows_record.h"

namespace cim::tar {
namespace {

using namespace std::string_view_literals;
using test::EntryBytes;
using test::expect_error;
using test::expect_file_refusal;
using test::expect_refusal;
using test::file_with;
using test::first_record;
using test::HeaderBytes;

// O:BAG:SYD:(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x1200a9;;;BU)
constexpr std::string_view kFileDescriptor =
    "AQAEgBQAAAAkAAAAAAAAADAAAAABAgAAAAAABSAAAAAgAgAAAQEAAAAAAAUSAAAAAgBMAAMAAAAAABgA/"
    "wEfAAECAAAAAAAF"
    "IAAAACACAAAAABQA/wEfAAEBAAAAAAAFEgAAAAAAGACpABIAAQIAAAAAAAUgAAAAIQIAAA==";

TEST(WindowsMetadata, AttributesAreThoseSaidOrFollowFromTheType) {
  EXPECT_EQ(file_with({}).attributes, 0U);
  EXPECT_EQ(file_with({{"MSWINDOWS.fileattr", "32"}}).attributes, 32U);
  EXPECT_EQ(file_with({{"MSWINDOWS.fileattr", "4294967279"}}).attributes, 0xFFFFFBEFU);
  EXPECT_EQ(first_record(EntryBytes{.name = "Files/d", .type = '5'}.bytes()).attributes, 0x10U);
  EXPECT_EQ(
      first_record(
          EntryBytes{.name = "Files/d", .type = '5', .records = {{"MSWINDOWS.fileattr", "1042"}}}
              .bytes())
          .attributes,
      0x12U);
}

TEST(WindowsMetadata, ReparsePointsAreFilesUnlessSaidToBeDirectories) {
  EXPECT_EQ(
      first_record(EntryBytes{.name = "Files/l", .type = '2', .link = "x"}.bytes()).attributes,
      attribute::kReparsePoint);
  EXPECT_EQ(first_record(EntryBytes{.name = "Files/l",
                                    .type = '2',
                                    .records = {{"MSWINDOWS.fileattr", "16"}},
                                    .link = "x"}
                             .bytes())
                .attributes,
            attribute::kReparsePoint | attribute::kDirectory);
}

TEST(WindowsMetadata, RefusesAttributesThatAreNone) {
  for (const char* const text : {"", "0x20", "-1", "+1", " 1", "4294967296", "a"}) {
    expect_file_refusal(
        fmt::format("Files/f: MSWINDOWS.fileattr: \"{}\" is not a 32-bit decimal", text),
        {{"MSWINDOWS.fileattr", text}});
  }
}

TEST(WindowsMetadata, RefusesAttributesAgainstTheType) {
  expect_file_refusal("Files/f: a file that is a directory by its MSWINDOWS.fileattr",
                      {{"MSWINDOWS.fileattr", "16"}});
  expect_refusal(
      "Files/d: a directory that is a file by its MSWINDOWS.fileattr",
      EntryBytes{.name = "Files/d", .type = '5', .records = {{"MSWINDOWS.fileattr", "32"}}}
          .bytes());
}

TEST(WindowsMetadata, TimesAreExactInTicks) {
  const FileTimes times = file_with({{"mtime", "1600000000.1234567"},
                                     {"atime", "-1.5"},
                                     {"ctime", "-0.00000019"},
                                     {"LIBARCHIVE.creationtime", "1500000000.5000"}})
                              .times;
  EXPECT_EQ(times.last_write.ticks, 132444736001234567U);
  EXPECT_EQ(times.last_access.ticks, 116444736000000000U - 15'000'000U);
  EXPECT_EQ(times.change.ticks, 116444736000000000U - 1);
  EXPECT_EQ(times.creation.ticks, 116444736000000000U + 15'000'000'005'000'000U);
}

TEST(WindowsMetadata, TimesThatAreAbsentAreThatOfTheLastWrite) {
  HeaderBytes header("Files/f");
  header.put(136, "13727410000");
  const FileTime time{116444736000000000U + std::uint64_t{1'600'000'000} * 10'000'000};
  EXPECT_EQ(first_record(header.bytes()).times, (FileTimes{time, time, time, time}));
}

TEST(WindowsMetadata, RefusesTimesThatAreNone) {
  expect_file_refusal("LIBARCHIVE.creationtime: \".5\" is not a time",
                      {{"LIBARCHIVE.creationtime", ".5"}});
  expect_file_refusal("LIBARCHIVE.creationtime: \"\" is not a time",
                      {{"LIBARCHIVE.creationtime", ""}});
  expect_file_refusal("mtime: a time that Windows cannot represent", {{"mtime", "-11644473601"}});
  expect_file_refusal("atime: a time that Windows cannot represent", {{"atime", "1833029933771"}});
}

TEST(WindowsMetadata, DescriptorsAreKeptByteForByte) {
  const Bytes bytes =
      file_with({{"MSWINDOWS.rawsd", std::string(kFileDescriptor)}}).security_descriptor;
  EXPECT_EQ(bytes.size(), 124U);
  EXPECT_EQ(to_hex(ByteView(bytes).first(20)),
            "010004801400000024000000000000003"
            "0000000");
}

TEST(WindowsMetadata, SddlCountsWhereNoRawDescriptorIs) {
  const std::string sddl = "O:BAG:SYD:(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x1200a9;;;BU)";
  const Bytes raw =
      file_with({{"MSWINDOWS.rawsd", std::string(kFileDescriptor)}}).security_descriptor;
  EXPECT_EQ(file_with({{"MSWINDOWS.sd", sddl}}).security_descriptor, raw);
  EXPECT_EQ(file_with({{"MSWINDOWS.sd", "O:SY"}, {"MSWINDOWS.rawsd", std::string(kFileDescriptor)}})
                .security_descriptor,
            raw);
  EXPECT_TRUE(
      file_with({{"MSWINDOWS.sd", sddl}, {"MSWINDOWS.rawsd", ""}}).security_descriptor.empty());
  EXPECT_TRUE(file_with({}).security_descriptor.empty());
}

TEST(WindowsMetadata, RefusesBadDescriptors) {
  expect_file_refusal("MSWINDOWS.rawsd: not base64", {{"MSWINDOWS.rawsd", "AQAEgBQAAAA"}});
  expect_file_refusal("Files/f: MSWINDOWS.rawsd: ", {{"MSWINDOWS.rawsd", "AQAEgBQAAAA="}});
  expect_file_refusal("Files/f: MSWINDOWS.sd: ", {{"MSWINDOWS.sd", "O:BAX"}});
  expect_file_refusal("Files/f: MSWINDOWS.sd: ", {{"MSWINDOWS.sd", "O:DA"}},
                      ErrorCode::kUnsupported);
}

TEST(WindowsMetadata, ExtendedAttributesMakeASortedList) {
  const Bytes list = file_with({{"MSWINDOWS.xattr.LXUID", "AQIDBA=="},
                                {"SCHILY.xattr.user.x", "ignored"},
                                {"MSWINDOWS.xattr.A", "b2xk"},
                                {"MSWINDOWS.xattr.A", "eHl6"}})
                         .extended_attributes;
  EXPECT_EQ(to_hex(list),
            "10000000"
            "00"
            "01"
            "0300"
            "41"
            "00"
            "78797a"
            "000000"
            "00000000"
            "00"
            "05"
            "0400"
            "4c58554944"
            "00"
            "01020304"
            "0000");
  EXPECT_TRUE(file_with({}).extended_attributes.empty());
}

TEST(WindowsMetadata, RefusesBadExtendedAttributes) {
  expect_file_refusal("MSWINDOWS.xattr.A: not base64", {{"MSWINDOWS.xattr.A", "x"}});
  expect_file_refusal("Files/f: MSWINDOWS.xattr: ", {{"MSWINDOWS.xattr.", "eHl6"}});
  expect_file_refusal("Files/f: MSWINDOWS.xattr: ",
                      {{"MSWINDOWS.xattr." + std::string(256, 'A'), "eHl6"}}, ErrorCode::kLimit);
  expect_file_refusal(
      "Files/f: MSWINDOWS.xattr: ", {{"MSWINDOWS.xattr.A", std::string(65536 * 4 / 3 + 3, 'A')}},
      ErrorCode::kLimit);
}

std::string reparse_hex(const std::string& link, const test::Records& records = {}) {
  return to_hex(
      first_record(
          EntryBytes{.name = "Files/l", .type = '2', .records = records, .link = link}.bytes())
          .reparse_data);
}

TEST(WindowsMetadata, SymbolicLinksAndJunctionsBecomeReparseBuffers) {
  EXPECT_EQ(reparse_hex("C:\\a"),
            "0c0000a0"
            "2800"
            "0000"
            "0000"
            "1000"
            "1200"
            "0800"
            "00000000"
            "5c003f003f005c0043003a005c0061000000"
            "43003a005c0061000000");
  EXPECT_EQ(reparse_hex("../b"),
            "0c0000a0"
            "2000"
            "0000"
            "0000"
            "0800"
            "0a00"
            "0800"
            "01000000"
            "2e002e005c0062000000"
            "2e002e005c0062000000");
  EXPECT_EQ(reparse_hex("/b"),
            "0c0000a0"
            "1800"
            "0000"
            "0000"
            "0400"
            "0600"
            "0400"
            "01000000"
            "5c0062000000"
            "5c0062000000");
  EXPECT_EQ(reparse_hex("C:\\a", {{"MSWINDOWS.mountpoint", "0"}}),
            "030000a0"
            "2400"
            "0000"
            "0000"
            "1000"
            "1200"
            "0800"
            "5c003f003f005c0043003a005c0061000000"
            "43003a005c0061000000");
  EXPECT_EQ(reparse_hex(""),
            "0c0000a0"
            "1000"
            "0000"
            "0000"
            "0000"
            "0200"
            "0000"
            "01000000"
            "0000"
            "0000");
}

std::string base64_of(ByteView bytes) {
  std::string text;
  append_base64(text, bytes);
  return text;
}

EntryBytes link_with(const std::string& target, test::Records records) {
  return {.name = "Files/l", .type = '2', .records = std::move(records), .link = target};
}

TEST(WindowsMetadata, OwnReparseDataCountWhereTheyLeadToTheLinkName) {
  const ReparsePoint unshown = {
      .tag = reparse_tag::kSymlink, .substitute_name = u"a\\b", .is_relative = true};
  const ReparsePoint junction = {.tag = reparse_tag::kMountPoint,
                                 .substitute_name = u"\\??\\Volume{1}\\"};
  for (const auto& [link, point] :
       {std::pair("a/b", unshown), std::pair("\\\\?\\Volume{1}\\", junction)}) {
    test::Records records = {{"CIMLIB.reparse", base64_of(point.encode())}};
    if (point.tag == reparse_tag::kMountPoint) {
      records.emplace_back("MSWINDOWS.mountpoint", "1");
    }
    EXPECT_EQ(first_record(link_with(link, records).bytes()).reparse_data, point.encode());
  }
}

TEST(WindowsMetadata, RefusesOwnReparseDataThatLeadElsewhere) {
  const auto expect = [](const std::string& link, const ReparsePoint& point, bool is_junction) {
    test::Records records = {{"CIMLIB.reparse", base64_of(point.encode())}};
    if (is_junction) {
      records.emplace_back("MSWINDOWS.mountpoint", "1");
    }
    expect_refusal("CIMLIB.reparse: a link whose reparse data does not lead to",
                   link_with(link, records).bytes());
  };
  const auto to = [](std::string_view target, std::uint32_t tag = reparse_tag::kSymlink) {
    return ReparsePoint::pointing_to(tag, target);
  };
  expect("harmless", to("evil"), false);
  expect("", to("evil"), false);
  expect("C:\\x", to("C:\\x", reparse_tag::kMountPoint), false);
  expect("C:\\x", to("C:\\x"), true);
  ReparsePoint shows = to("harmless");
  shows.substitute_name = u"evil";
  expect("harmless", shows, false);
  ReparsePoint leads = to("harmless");
  leads.print_name = u"evil";
  expect("harmless", leads, false);
  ReparsePoint absolute = to("harmless");
  absolute.is_relative = false;
  expect("harmless", absolute, false);
}

TEST(WindowsMetadata, RefusesReparseDataOfOtherTagsBesideALinkName) {
  const std::string foreign("\x1b\0\0\x80\x02\0\0\0\xaa\xbb", 10);
  const test::Records records = {{"CIMLIB.reparse", base64_of(as_bytes(foreign))}};
  EXPECT_EQ(as_text(first_record(link_with("", records).bytes()).reparse_data), foreign);
  expect_refusal("does not lead to", link_with("f", records).bytes());
}

TEST(WindowsMetadata, OwnExtendedAttributesAgreeWithTheOthers) {
  const std::vector<ExtendedAttribute> list = {
      {.name = "A", .value = Bytes(3), .flags = ExtendedAttribute::kNeeded}, {.name = "B=C"}};
  const Bytes own = encode_extended_attributes(list);
  const std::string a = base64_of(Bytes(3));
  const auto with = [&own](test::Records records) {
    records.emplace_back("CIMLIB.eas", base64_of(own));
    return records;
  };
  EXPECT_EQ(file_with(with({{"MSWINDOWS.xattr.A", a}})).extended_attributes, own);
  for (const test::Records& records :
       {test::Records{}, test::Records{{"MSWINDOWS.xattr.A", "AAAB"}},
        test::Records{{"MSWINDOWS.xattr.A", a}, {"MSWINDOWS.xattr.D", a}},
        test::Records{{"MSWINDOWS.xattr.a", a}}}) {
    expect_file_refusal("CIMLIB.eas: extended attributes that differ from those in MSWINDOWS.xattr",
                        with(records));
  }
}

TEST(WindowsMetadata, TargetsThatAreNotUtf8AreRepaired) {
  EXPECT_EQ(reparse_hex("\xFF"),
            "0c0000a0"
            "1400"
            "0000"
            "0000"
            "0200"
            "0400"
            "0200"
            "01000000"
            "fdff0000"
            "fdff0000");
}

TEST(WindowsMetadata, RefusesTargetsThatAreTooLong) {
  expect_refusal(
      "Files/l: target: ",
      EntryBytes{.name = "Files/l", .type = '2', .records = {{"linkpath", std::string(5000, 'x')}}}
          .bytes(),
      ErrorCode::kLimit);
}

}  // namespace
}  // namespace cim::tar
