// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cimlib/hive.h"
#include "cimlib/hives.h"

#include "capi/wide.h"
#include "temporary_directory.h"

namespace cim::test {
namespace {

constexpr FileTime kTime = {132'444'736'000'000'000};

/// A hive with some keys and values, as a file.
class HiveCalls : public testing::Test {
 protected:
  HiveCalls() {
    registry::HiveEditor editor("ROOT", kTime);
    editor.add_key("One\\Two", kTime);
    editor.add_key("Three", kTime);
    editor.set_text("One", "Name", "text", kTime);
    editor.set_dword("One", "", 7, kTime);
    bytes_ = editor.to_bytes();
    path_ = (directory_.path() / "HIVE").string();
    editor.save(path_);
    EXPECT_RESULT(CimlibOpenHive(path_.c_str(), &hive_), S_OK);
  }
  ~HiveCalls() override { CimlibCloseHive(hive_); }

  CIMLIB_KEY_HANDLE open(const char* path) const {
    CIMLIB_KEY_HANDLE key = nullptr;
    EXPECT_RESULT(CimlibOpenKey(hive_, path, &key), S_OK) << path;
    return key;
  }

  TemporaryDirectory directory_;
  std::string path_;
  std::vector<std::byte> bytes_;
  CIMLIB_HIVE_HANDLE hive_ = nullptr;
};

TEST_F(HiveCalls, ListsKeysAndValues) {
  const CIMLIB_KEY_HANDLE root = open("");
  CIMLIB_KEY_INFORMATION information;
  EXPECT_RESULT(CimlibGetKeyInformation(root, &information), S_OK);
  EXPECT_EQ(information.SubkeyCount, 2U);
  EXPECT_EQ(information.ValueCount, 0U);
  EXPECT_EQ(information.LayerSemantics, static_cast<UINT32>(CIMLIB_KEY_MERGE));
  std::array<char, 6> name{};
  std::size_t length = 0;
  EXPECT_RESULT(CimlibGetSubkeyName(root, 0, name.data(), name.size(), &length), S_OK);
  EXPECT_STREQ(name.data(), "One");
  EXPECT_EQ(length, 3U);
  EXPECT_RESULT(CimlibGetSubkeyName(root, 1, name.data(), name.size() - 1, &length),
                win32(ERROR_INSUFFICIENT_BUFFER));
  EXPECT_EQ(length, 5U);
  EXPECT_RESULT(CimlibGetSubkeyName(root, 1, name.data(), name.size(), nullptr), S_OK);
  EXPECT_RESULT(CimlibGetSubkeyName(root, 2, name.data(), name.size(), &length),
                win32(ERROR_FILE_NOT_FOUND));
  CimlibCloseKey(root);

  const CIMLIB_KEY_HANDLE one = open("ONE");
  EXPECT_RESULT(CimlibGetKeyInformation(one, &information), S_OK);
  EXPECT_EQ(information.ValueCount, 2U);
  EXPECT_EQ(information.LastWriteTime.QuadPart, static_cast<INT64>(kTime.ticks));
  CIMLIB_VALUE_INFORMATION value;
  EXPECT_RESULT(CimlibGetValueName(one, 0, name.data(), name.size(), &length, &value), S_OK);
  EXPECT_STREQ(name.data(), "Name");
  EXPECT_EQ(value.Type, registry::kRegSz);
  EXPECT_EQ(value.DataSize, 10U);
  EXPECT_RESULT(CimlibGetValueName(one, 2, name.data(), name.size(), &length, nullptr),
                win32(ERROR_FILE_NOT_FOUND));
  CimlibCloseKey(one);
}

TEST_F(HiveCalls, CopiesTheDataOfValues) {
  const CIMLIB_KEY_HANDLE key = open("One");
  UINT32 type = 0;
  UINT32 size = 0;
  UINT32 number = 0;
  EXPECT_RESULT(CimlibGetValue(key, "", &type, &number, sizeof number, &size), S_OK);
  EXPECT_EQ(type, registry::kRegDword);
  EXPECT_EQ(size, 4U);
  EXPECT_EQ(number, 7U);
  EXPECT_RESULT(CimlibGetValue(key, "name", &type, nullptr, 0, &size),
                win32(ERROR_INSUFFICIENT_BUFFER));
  EXPECT_EQ(size, 10U);
  std::u16string text(5, u'x');
  EXPECT_RESULT(CimlibGetValue(key, "name", nullptr, text.data(), 10, &size), S_OK);
  EXPECT_EQ(text, std::u16string(u"text") + u'\0');
  EXPECT_RESULT(CimlibGetValue(key, "no", &type, text.data(), 10, &size),
                win32(ERROR_FILE_NOT_FOUND));
  EXPECT_EQ(type, 0U);
  EXPECT_RESULT(CimlibGetValue(key, nullptr, &type, text.data(), 10, &size), E_INVALIDARG);
  EXPECT_RESULT(CimlibGetValue(key, "name", &type, text.data(), 10, nullptr), E_POINTER);
  CimlibCloseKey(key);
}

TEST_F(HiveCalls, KeysOutliveTheirHive) {
  CIMLIB_HIVE_HANDLE hive = nullptr;
  EXPECT_RESULT(CimlibOpenHiveBytes(bytes_.data(), bytes_.size(), "memory", &hive), S_OK);
  CIMLIB_KEY_HANDLE key = nullptr;
  EXPECT_RESULT(CimlibOpenKey(hive, "One\\Two", &key), S_OK);
  EXPECT_RESULT(CimlibCloseHive(hive), S_OK);
  EXPECT_RESULT(CimlibCloseHive(hive), E_INVALIDARG);
  CIMLIB_KEY_INFORMATION information;
  EXPECT_RESULT(CimlibGetKeyInformation(key, &information), S_OK);
  EXPECT_EQ(information.SubkeyCount, 0U);
  EXPECT_RESULT(CimlibCloseKey(key), S_OK);
  EXPECT_RESULT(CimlibGetKeyInformation(key, &information), E_INVALIDARG);
}

TEST_F(HiveCalls, RejectsWhatIsNoHive) {
  CIMLIB_HIVE_HANDLE hive = nullptr;
  EXPECT_RESULT(CimlibOpenHive((path_ + "x").c_str(), &hive), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimlibOpenHive(nullptr, &hive), E_INVALIDARG);
  EXPECT_RESULT(CimlibOpenHive(path_.c_str(), nullptr), E_POINTER);
  EXPECT_RESULT(CimlibOpenHiveBytes("junk", 4, "junk", &hive), win32(ERROR_FILE_CORRUPT));
  EXPECT_RESULT(CimlibOpenHiveBytes(nullptr, 4, "junk", &hive), E_POINTER);
  EXPECT_EQ(hive, nullptr);
  CIMLIB_KEY_HANDLE key = nullptr;
  EXPECT_RESULT(CimlibOpenKey(hive_, "no", &key), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimlibOpenKey(hive_, nullptr, &key), E_INVALIDARG);
  EXPECT_RESULT(CimlibOpenKey(nullptr, "", &key), E_INVALIDARG);
}

}  // namespace
}  // namespace cim::test
