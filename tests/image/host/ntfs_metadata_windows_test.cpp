// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Tests of metadata of NTFS that Wine lacks, with a stand-in for functions of ntdll.dll.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/diff.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "expect_error.h"
#include "image/host/fake_ntfs_windows.h"
#include "image/host/windows_fixture.h"

namespace cim {
namespace {

namespace fs = std::filesystem;
using test::content;
using test::FakeNtfs;
using test::names_in;
using test::path;
using test::put;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kSddl = "O:BAG:SYD:PAI(A;;FA;;;SY)(A;;0x1200a9;;;WD)S:AI(AU;SAFA;FA;;;WD)";

Bytes eas() {
  return encode_extended_attributes(std::vector<ExtendedAttribute>{
      {.name = "NAME", .value = {std::byte{1}, std::byte{2}}}, {.name = "OTHER", .value = {}}});
}

Bytes link_to(std::string_view target, std::uint32_t tag = reparse_tag::kSymlink) {
  return ReparsePoint::pointing_to(tag, target).encode();
}

// A reparse point with eight bytes of data.
Bytes reparse_point(std::uint32_t tag) {
  Bytes buffer(16);
  std::memcpy(buffer.data(), &tag, sizeof tag);
  buffer[4] = std::byte{8};
  return buffer;
}

// One that is not a link.
Bytes plain_reparse_point() {
  return reparse_point(0x90001018);  // IO_REPARSE_TAG_WCI_1
}

class Ntfs : public test::WindowsHost {
 protected:
  ~Ntfs() override { EXPECT_THAT(ntfs_.followed, ElementsAre()); }

  FakeNtfs ntfs_;
};

TEST_F(Ntfs, CreateReadsAllMetadata) {
  make_file("file", "text");
  fs::create_directory(from_ / "dir");
  for (const char* const name : {"file", "dir", ""}) {
    ntfs_.at(from_ / name).eas = eas();
    ntfs_.at(from_ / name).descriptor = SecurityDescriptor::from_sddl(kSddl);
    ntfs_.add_stream(from_ / name, L"stream", "of this");
    FILE_BASIC_INFORMATION basic{};
    basic.CreationTime.QuadPart = 1;
    basic.LastAccessTime.QuadPart = 2;
    basic.LastWriteTime.QuadPart = 3;
    basic.ChangeTime.QuadPart = 4;
    basic.FileAttributes = FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM;
    ntfs_.at(from_ / name).basic = basic;
  }
  const CreateSummary summary = create();
  EXPECT_EQ(summary.streams, 3U);
  EXPECT_EQ(summary.skipped, 0U);
  EXPECT_THAT(warnings_, ElementsAre());
  const Image image(image_);
  for (const char* const name : {"file", "dir", ""}) {
    const FileInfo file = info(name);
    EXPECT_EQ(image.extended_attributes(file.id), eas());
    EXPECT_EQ(SecurityDescriptor::parse(image.security_descriptor(file.id)).to_sddl(), kSddl);
    EXPECT_EQ(text_of(name, u"stream"), "of this");
    EXPECT_EQ(file.times.creation.ticks, 1U);
    EXPECT_EQ(file.times.last_access.ticks, 2U);
    EXPECT_EQ(file.times.last_write.ticks, 3U);
    EXPECT_EQ(file.times.change.ticks, 4U);
    EXPECT_EQ(file.attributes & ~attribute::kDirectory, attribute::kHidden | attribute::kSystem);
  }
}

TEST_F(Ntfs, CreateStoresLinksAndDoesNotFollowThem) {
  make_file("link", "");
  for (const char* const name : {"dirlink", "junction", "container"}) {
    fs::create_directory(from_ / name);
    make_file(fs::path(name) / "below", "text");
  }
  ntfs_.at(from_ / "link").reparse_data = link_to("..\\target");
  ntfs_.at(from_ / "dirlink").reparse_data = link_to("C:\\target");
  ntfs_.at(from_ / "junction").reparse_data = link_to("C:\\target", reparse_tag::kMountPoint);
  ntfs_.at(from_ / "container").reparse_data = plain_reparse_point();
  const CreateSummary summary = create();
  ntfs_.followed.clear();  // a container's directory has entries of its own
  EXPECT_EQ(summary.links, 3U);
  EXPECT_EQ(summary.files, 1U);
  const Image image(image_);
  EXPECT_EQ(image.reparse_data(info("link").id), link_to("..\\target"));
  EXPECT_EQ(info("junction").reparse_tag, reparse_tag::kMountPoint);
  EXPECT_TRUE(info("dirlink").is_directory());
  EXPECT_FALSE(image.find(path("dirlink/below")));
  EXPECT_EQ(text_of("container/below"), "text");
  EXPECT_EQ(image.reparse_data(info("container").id), plain_reparse_point());
}

TEST_F(Ntfs, CreateStoresDeduplicatedFilesAsPlainOnes) {
  make_file("file", "text");
  ntfs_.at(from_ / "file").reparse_data = reparse_point(0x80000013);  // IO_REPARSE_TAG_DEDUP
  EXPECT_EQ(create().files, 1U);
  EXPECT_THAT(ntfs_.followed, ElementsAre("as a link: file"));
  ntfs_.followed.clear();
  EXPECT_EQ(text_of("file"), "text");
  EXPECT_FALSE(info("file").is_reparse_point());
}

TEST_F(Ntfs, CreateReadsOnlyWhatIsNotAHole) {
  std::string text(1U << 20, '\0');
  const std::vector<FileRange> ranges = {{0, 4096}, {65536, 69632}, {131072, 135168}};
  for (const FileRange& range : ranges) {
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(range.start),
              text.begin() + static_cast<std::ptrdiff_t>(range.end), 'x');
  }
  make_file("sparse", text);
  make_file("hole", text);  // its bytes must not be read
  ntfs_.at(from_ / "sparse").is_sparse = true;
  ntfs_.at(from_ / "sparse").ranges = ranges;
  ntfs_.at(from_ / "hole").is_sparse = true;
  EXPECT_EQ(create().bytes, 3U * 4096);
  EXPECT_EQ(text_of("sparse"), text);
  EXPECT_EQ(text_of("hole"), std::string(1U << 20, '\0'));
  EXPECT_EQ(info("hole").storage, Storage::kSparse);
  EXPECT_NE(info("sparse").attributes & attribute::kSparseFile, 0U);
}

TEST_F(Ntfs, CreateRefusesMalformedMetadata) {
  make_file("file", "text");
  ntfs_.at(from_ / "file").eas = Bytes(3, std::byte{0xFF});
  test::expect_error(ErrorCode::kCorrupt, "extended attributes", [&] { create(); });
  ntfs_.at(from_ / "file").eas.clear();
  ntfs_.at(from_ / "file").reparse_data = Bytes(4, std::byte{0xFF});
  test::expect_error(ErrorCode::kCorrupt, "reparse data", [&] { create(); });
}

// Lets this thread act without a privilege.
class WithoutPrivilege {
 public:
  explicit WithoutPrivilege(const wchar_t* name) {
    constexpr DWORD kAccess = TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES | TOKEN_IMPERSONATE;
    EXPECT_NE(::ImpersonateSelf(SecurityImpersonation), 0);
    HANDLE token = nullptr;
    EXPECT_NE(::OpenThreadToken(::GetCurrentThread(), kAccess, TRUE, &token), 0);
    TOKEN_PRIVILEGES privileges{};
    privileges.PrivilegeCount = 1;
    privileges.Privileges[0].Attributes = SE_PRIVILEGE_REMOVED;
    EXPECT_NE(::LookupPrivilegeValueW(nullptr, name, &privileges.Privileges[0].Luid), 0);
    EXPECT_NE(::AdjustTokenPrivileges(token, FALSE, &privileges, 0, nullptr, nullptr), 0);
    ::CloseHandle(token);
  }
  WithoutPrivilege(const WithoutPrivilege&) = delete;
  WithoutPrivilege& operator=(const WithoutPrivilege&) = delete;
  ~WithoutPrivilege() { ::RevertToSelf(); }
};

TEST_F(Ntfs, CreateWarnsOnceOfAuditEntriesThatMayNotBeRead) {
  make_file("a", "x");
  make_file("b", "x");
  ntfs_.at(from_ / "a").descriptor = SecurityDescriptor::from_sddl(kSddl);
  const WithoutPrivilege no_security(L"SeSecurityPrivilege");
  EXPECT_EQ(create().skipped, 0U);
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("audit entries of 3 files and directories")));
  const Image image(image_);
  const auto stored = SecurityDescriptor::parse(image.security_descriptor(info("a").id));
  EXPECT_FALSE(stored.sacl);
  EXPECT_TRUE(stored.owner);
}

TEST_F(Ntfs, ExtractCountsAuditEntriesThatTheUserMayNotSet) {
  write_image([](ImageWriter& writer) {
    const Bytes descriptor = SecurityDescriptor::from_sddl(kSddl).encode();
    put(writer, "a", as_bytes("x"), {.security_descriptor = descriptor});
  });
  const WithoutPrivilege no_security(L"SeSecurityPrivilege");
  EXPECT_EQ(run().skipped, 1U);
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("1 entries are without the audit entries")));
  EXPECT_FALSE(ntfs_.at(out_ / "a").descriptor.value().sacl);
}

// One of everything.
void fill(ImageWriter& writer) {
  const Bytes descriptor = SecurityDescriptor::from_sddl(kSddl).encode();
  const Bytes list = eas();
  const FileTimes times{
      .creation = {1000}, .last_write = {2000}, .change = {3000}, .last_access = {4000}};
  const FileMetadata metadata{.attributes = attribute::kReadOnly | attribute::kArchive,
                              .times = times,
                              .security_descriptor = descriptor,
                              .extended_attributes = list};
  FileMetadata directory = metadata;
  directory.attributes = attribute::kDirectory | attribute::kHidden;
  FileMetadata link = metadata;
  const Bytes target = link_to("C:\\outside");
  link.reparse_data = target;
  FileMetadata directory_link = link;
  directory_link.attributes |= attribute::kDirectory;
  FileMetadata container = directory;
  const Bytes plain = plain_reparse_point();
  container.reparse_data = plain;
  writer.add({}, directory);
  writer.add(path("container"), container);
  put(writer, "container/inside", as_bytes("x"), metadata);
  writer.add(path("dir"), directory);
  put(writer, "dir/file", as_bytes("text"), metadata);
  writer.add_link(path("second"), path("dir/file"));
  writer.add(path("link"), link);
  writer.add(path("dirlink"), directory_link);
  for (const char* const name : {"dir/file", "dir", ""}) {
    writer.add_alternate_stream({path(name), u"stream"}, 7);
    writer.write(as_bytes("of this"));
  }
}

TEST_F(Ntfs, ExtractWritesAllMetadata) {
  write_image(fill);
  const ExtractSummary summary = run();
  EXPECT_THAT(warnings_, ElementsAre());
  EXPECT_EQ(summary.skipped, 0U);
  EXPECT_EQ(summary.files, 2U);
  EXPECT_EQ(summary.directories, 2U);
  EXPECT_EQ(summary.hard_links, 1U);
  EXPECT_EQ(summary.symlinks, 2U);
  EXPECT_EQ(summary.streams, 3U);
  for (const char* const name :
       {"", "container", "container/inside", "dir", "dir/file", "link", "dirlink"}) {
    const test::FakeFile& file = ntfs_.at(out_ / name);
    EXPECT_EQ(file.eas, eas()) << name;
    EXPECT_EQ(file.descriptor.value().to_sddl(), kSddl) << name;
    EXPECT_EQ(file.basic.value().CreationTime.QuadPart, 1000) << name;
    EXPECT_EQ(file.basic->LastWriteTime.QuadPart, 2000) << name;
    EXPECT_EQ(file.basic->ChangeTime.QuadPart, 3000) << name;
    EXPECT_EQ(file.basic->LastAccessTime.QuadPart, 4000) << name;
  }
  EXPECT_EQ(ntfs_.at(out_ / "dir/file").basic->FileAttributes,
            static_cast<DWORD>(FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_ARCHIVE));
  EXPECT_EQ(ntfs_.at(out_ / "link").reparse_data, link_to("C:\\outside"));
  EXPECT_EQ(ntfs_.at(out_ / "dirlink").reparse_data, link_to("C:\\outside"));
  for (const char* const name : {"dir/file", "dir", ""}) {
    EXPECT_EQ(ntfs_.stream(out_ / name, L"stream"), "of this") << name;
  }
}

TEST_F(Ntfs, ExtractIsUndoneByCreate) {
  write_image(fill);
  run();
  const auto again = directory_.path() / "again.cim";
  EXPECT_EQ(create_image(again, out_).skipped, 0U);
  ntfs_.followed.clear();  // the container has an entry
  diff(image_, again, {}, [](const Difference& difference) {
    ADD_FAILURE() << difference.path.to_string() << " differs in " << difference.fields;
    return true;
  });
}

TEST_F(Ntfs, ExtractMakesSparseFilesOfHoles) {
  write_image([](ImageWriter& writer) {
    writer.add(path("hole"), {}, 1U << 20);
    writer.write_zeros(1U << 20);
    put(writer, "sparse", as_bytes("text"), {.attributes = attribute::kSparseFile});
    put(writer, "plain", as_bytes("text"));
  });
  run();
  EXPECT_TRUE(ntfs_.at(out_ / "hole").is_sparse);
  EXPECT_EQ(fs::file_size(out_ / "hole"), 1U << 20);
  EXPECT_TRUE(ntfs_.at(out_ / "sparse").is_sparse);
  EXPECT_FALSE(ntfs_.at(out_ / "plain").is_sparse);
}

TEST_F(Ntfs, ExtractKeepsWhatIsInheritedInPlaceOfTheDefaultDescriptor) {
  write_image([](ImageWriter& writer) { put(writer, "file", as_bytes("x")); });
  run();
  EXPECT_FALSE(ntfs_.at(out_ / "file").descriptor);
}

TEST_F(Ntfs, ExtractDoesNotWriteBelowLinks) {
  const Bytes target = link_to("C:\\outside");
  write_image([&](ImageWriter& writer) {
    writer.add(path("dirlink"), {.attributes = attribute::kDirectory, .reparse_data = target});
    put(writer, "dirlink/inside", as_bytes("x"));
  });
  EXPECT_EQ(run().skipped, 1U);
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("it is a link and has entries")));
  EXPECT_TRUE(ntfs_.at(out_ / "dirlink").reparse_data.empty());
  EXPECT_EQ(content(out_ / "dirlink/inside"), "x");
}

TEST_F(Ntfs, ExtractLeavesOutLinksThatTheUserMayNotMake) {
  ntfs_.may_make_links = false;
  write_image(fill);
  EXPECT_EQ(run().skipped, 3U);
  EXPECT_THAT(warnings_, testing::Each(HasSubstr("its reparse data cannot be stored")));
  EXPECT_THAT(names_in(out_), ElementsAre("container", "dir", "second"));
}

TEST_F(Ntfs, ExtractCountsOwnersThatTheUserMayNotSet) {
  ntfs_.may_set_owners = false;
  write_image([](ImageWriter& writer) {
    const Bytes descriptor = SecurityDescriptor::from_sddl(kSddl).encode();
    put(writer, "a", as_bytes("x"), {.security_descriptor = descriptor});
    put(writer, "b", as_bytes("x"), {.security_descriptor = descriptor});
  });
  EXPECT_EQ(run().skipped, 2U);
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("2 entries are without the owner and group")));
  const auto& stored = ntfs_.at(out_ / "a").descriptor;
  EXPECT_FALSE(stored.value().owner);
  EXPECT_TRUE(stored->dacl);
}

TEST_F(Ntfs, ExtractSkipsWhatTheFileSystemDoesNotHave) {
  ntfs_.has_eas = false;
  ntfs_.has_streams = false;
  write_image(fill);
  const ExtractSummary summary = run();
  EXPECT_EQ(summary.streams, 0U);
  EXPECT_EQ(summary.skipped, 7U + 3U);
  EXPECT_EQ(summary.skipped, warnings_.size());
  EXPECT_THAT(warnings_, testing::Contains(HasSubstr("its extended attributes cannot be stored")));
  EXPECT_EQ(content(out_ / "second"), "text");
}

TEST_F(Ntfs, ExtractCopiesFilesThatCanHaveNoMoreLinks) {
  ntfs_.most_names = 2;
  write_image([](ImageWriter& writer) {
    put(writer, "1", as_bytes("text"));
    writer.add_alternate_stream({path("1"), u"stream"}, 1);
    writer.write(as_bytes("s"));
    for (const char* const name : {"2", "3", "4", "5"}) {
      writer.add_link(path(name), path("1"));
    }
  });
  const ExtractSummary summary = run();
  EXPECT_EQ(summary.copied_links, 2U);
  EXPECT_EQ(summary.hard_links, 2U);
  EXPECT_EQ(summary.files, 3U);
  EXPECT_TRUE(fs::equivalent(out_ / "3", out_ / "4"));
  for (const char* const name : {"1", "3", "5"}) {
    EXPECT_EQ(content(out_ / name), "text");
    EXPECT_EQ(ntfs_.stream(out_ / name, L"stream"), "s") << name;
  }
}

}  // namespace
}  // namespace cim
