// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Tests of what Wine has; tests/image/host has a stand-in for NTFS.
#include "os/nt_file_windows.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expect_error.h"
#include "os/native_windows.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using testing::ElementsAre;

class NtFiles : public testing::Test {
 protected:
  static constexpr ACCESS_MASK kAccess = FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE;

  NtFiles()
      : root_(::CreateFileW(native_path(directory_.path()).c_str(), FILE_GENERIC_READ,
                            FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING,
                            FILE_FLAG_BACKUP_SEMANTICS, nullptr)) {}

  NtFile make(std::wstring_view name, ULONG options = FILE_NON_DIRECTORY_FILE) const {
    NtFile file;
    EXPECT_EQ(
        NtFile::open(root_.get(), name,
                     {.access = kAccess, .disposition = FILE_CREATE, .options = options}, file),
        nt_status::kSuccess);
    return file;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    EXPECT_EQ(list_names(root_.get(), names), nt_status::kSuccess);
    std::ranges::sort(names);
    return names;
  }

  test::TemporaryDirectory directory_;
  NtFile root_;
};

TEST_F(NtFiles, AreOpenedByNamesInADirectory) {
  make(L"file");
  make(L"dir", FILE_DIRECTORY_FILE);
  EXPECT_THAT(names(), ElementsAre("dir", "file"));
  NtFile file;
  EXPECT_EQ(NtFile::open(root_.get(), L"FILE", {.access = FILE_READ_DATA}, file),
            nt_status::kSuccess);
  EXPECT_EQ(NtFile::open(root_.get(), L"other", {.access = FILE_READ_DATA}, file),
            nt_status::kNameNotFound);
  for (const wchar_t* const name : {L"..", L".", L"dir/..", L"?"}) {
    EXPECT_EQ(NtFile::open(root_.get(), name, {.access = FILE_READ_DATA}, file),
              nt_status::kNameInvalid);
  }
  EXPECT_EQ(NtFile::open(root_.get(), std::wstring(40000, L'x'), {}, file),
            nt_status::kNameTooLong);
}

TEST_F(NtFiles, ListMoreNamesThanFitIntoOneAnswer) {
  std::vector<std::string> wanted;
  for (int i = 100; i < 600; ++i) {
    wanted.push_back(std::string(100, 'x') + std::to_string(i));
    make(wide(wanted.back()));
  }
  EXPECT_EQ(names(), wanted);
}

TEST_F(NtFiles, AreTheSameUnderEachName) {
  const NtFile file = make(L"file");
  NtFileFacts facts;
  ASSERT_EQ(query_facts(file.get(), facts), nt_status::kSuccess);
  EXPECT_EQ(facts.link_count, 1U);
  ASSERT_EQ(add_name(file.get(), root_.get(), L"second"), nt_status::kSuccess);
  EXPECT_TRUE(nt_failed(add_name(file.get(), root_.get(), L"second")));
  NtFile second;
  NtFileFacts same;
  ASSERT_EQ(NtFile::open(root_.get(), L"second", {.access = FILE_READ_ATTRIBUTES}, second),
            nt_status::kSuccess);
  ASSERT_EQ(query_facts(second.get(), same), nt_status::kSuccess);
  EXPECT_EQ(same.link_count, 2U);
  EXPECT_EQ(same.id, facts.id);
}

TEST_F(NtFiles, AreReadUpToTheirEnd) {
  const NtFile file = make(L"file");
  DWORD put = 0;
  ASSERT_NE(::WriteFile(file.get(), "hello", 5, &put, nullptr), 0);
  Bytes bytes(10);
  std::size_t got = 0;
  EXPECT_EQ(read_at(file.get(), 1, bytes, got), nt_status::kSuccess);
  EXPECT_EQ(as_text(ByteView(bytes).first(got)), "ello");
  EXPECT_EQ(read_at(file.get(), 5, bytes, got), nt_status::kSuccess);
  EXPECT_EQ(got, 0U);
}

TEST_F(NtFiles, KeepTimesAndAttributes) {
  const NtFile file = make(L"file");
  FILE_BASIC_INFORMATION basic{};
  basic.LastWriteTime.QuadPart = basic.LastAccessTime.QuadPart = 130'000'000'000'000'000;
  basic.FileAttributes = FILE_ATTRIBUTE_READONLY;
  EXPECT_EQ(set_basic(file.get(), basic), nt_status::kSuccess);
  NtFileFacts facts;
  EXPECT_EQ(query_facts(file.get(), facts), nt_status::kSuccess);
  EXPECT_EQ(facts.basic.LastWriteTime.QuadPart, basic.LastWriteTime.QuadPart);
  EXPECT_TRUE(facts.has(FILE_ATTRIBUTE_READONLY));
}

TEST_F(NtFiles, AreRemovedWhenTheyAreClosed) {
  NtFile file = make(L"file");
  EXPECT_EQ(remove_when_closed(file.get()), nt_status::kSuccess);
  file.reset();
  EXPECT_THAT(names(), ElementsAre());
}

// Wine has none of it, and none is an error.
TEST_F(NtFiles, HaveNothingThatTheFileSystemLacks) {
  const NtFile file = make(L"file");
  std::vector<std::string> streams;
  EXPECT_EQ(list_streams(file.get(), streams), nt_status::kSuccess);
  EXPECT_THAT(streams, ElementsAre());
  Bytes eas;
  EXPECT_EQ(query_eas(file.get(), eas), nt_status::kSuccess);
  EXPECT_TRUE(eas.empty());
  const auto ranges = allocated_ranges(file.get(), 100);
  ASSERT_EQ(ranges.size(), 1U);
  EXPECT_EQ(ranges[0].end, 100U);
  EXPECT_TRUE(nt_failed(set_eas(file.get(), Bytes(8))));
  EXPECT_TRUE(nt_failed(set_reparse_data(file.get(), Bytes(24))));
}

TEST_F(NtFiles, HaveDescriptors) {
  const NtFile file = make(L"file");
  Bytes descriptor;
  EXPECT_EQ(query_descriptor(file.get(), OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                             descriptor),
            nt_status::kSuccess);
  EXPECT_NE(::IsValidSecurityDescriptor(descriptor.data()), 0);
}

TEST(NtErrors, HaveTheCodesOfOtherErrors) {
  test::expect_error(ErrorCode::kAccessDenied, "file: cannot open: ", [] {
    throw_nt_error(nt_status::kAccessDenied, "file", "open");
  });
  test::expect_error(ErrorCode::kBusy, "file",
                     [] { throw_nt_error(nt_status::kSharingViolation, "file", "open"); });
}

TEST(NtNames, KeepLoneSurrogates) {
  const std::wstring name = {L'a', wchar_t{0xD800}, L'b'};
  EXPECT_EQ(wide(narrow(name)), name);
}

}  // namespace
}  // namespace cim
