// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "offreg/offreg_test.h"
#include "registry/damage_cases.h"

namespace cim::test {
namespace {

using OrOpenKeyTest = OffregTest;
using OrCreateKeyTest = OffregTest;
using OrDeleteKeyTest = OffregTest;
using OrRenameKeyTest = OffregTest;
using OrEnumKeyTest = OffregTest;
using OrQueryInfoKeyTest = OffregTest;

using Names = std::vector<std::u16string>;

TEST_F(OrOpenKeyTest, FindsKeysIgnoringCase) {
  const ORHKEY hive = open_bytes("sample", sample_hive().bytes());
  EXPECT_NE(open_key(hive, u"BETA\\kid"), nullptr);
  ORHKEY key = &key;
  EXPECT_EQ(OROpenKey(hive, u"Beta\\None"_w, &key), ERROR_FILE_NOT_FOUND);
  EXPECT_EQ(key, nullptr);
}

TEST_F(OrOpenKeyTest, ReturnsTheSameHandleWithoutAName) {
  const ORHKEY hive = create_hive();
  const ORHKEY key = create_key(hive, u"Key");
  ORHKEY same = nullptr;
  EXPECT_EQ(OROpenKey(key, nullptr, &same), ERROR_SUCCESS);
  EXPECT_EQ(same, key);
  EXPECT_EQ(ORCloseKey(same), ERROR_SUCCESS);
  EXPECT_EQ(OROpenKey(key, u""_w, &same), ERROR_SUCCESS);
  EXPECT_EQ(ORCloseKey(same), ERROR_SUCCESS);
  EXPECT_EQ(ORCloseKey(key), ERROR_SUCCESS);
  EXPECT_EQ(ORCloseKey(key), ERROR_INVALID_HANDLE);
}

TEST_F(OrOpenKeyTest, DoesNotOpenTheRoot) {
  const ORHKEY hive = create_hive();
  ORHKEY key = nullptr;
  EXPECT_EQ(OROpenKey(hive, nullptr, &key), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(OROpenKey(hive, u""_w, &key), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORCloseKey(hive), ERROR_INVALID_PARAMETER);
}

// ---- creating ----

TEST_F(OrCreateKeyTest, CreatesAKeyWithItsParents) {
  const ORHKEY hive = create_hive();
  ORHKEY key = nullptr;
  DWORD disposition = 0;
  auto class_name = u"Class\u0416"_w;
  EXPECT_EQ(ORCreateKey(hive, u"A\\B"_w, class_name, 0, nullptr, &key, &disposition),
            ERROR_SUCCESS);
  EXPECT_EQ(disposition, DWORD{REG_CREATED_NEW_KEY});
  EXPECT_EQ(ORCreateKey(hive, u"a\\b"_w, nullptr, 0, nullptr, &key, &disposition), ERROR_SUCCESS);
  EXPECT_EQ(disposition, DWORD{REG_OPENED_EXISTING_KEY});
  const auto file = saved(hive, "saved");
  EXPECT_EQ(file.find("A\\B")->class_name(), "Class\xD0\x96");
  EXPECT_FALSE(file.find("A")->class_name().has_value());
}

TEST_F(OrCreateKeyTest, OpensTheSameKeyForAnEmptyName) {
  const ORHKEY hive = create_hive();
  const ORHKEY key = create_key(hive, u"Key");
  ORHKEY same = nullptr;
  EXPECT_EQ(ORCreateKey(key, u""_w, nullptr, 0, nullptr, &same, nullptr), ERROR_SUCCESS);
  EXPECT_EQ(same, key);
  EXPECT_EQ(ORCreateKey(hive, u""_w, nullptr, 0, nullptr, &same, nullptr), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORCreateKey(hive, nullptr, nullptr, 0, nullptr, &same, nullptr),
            ERROR_INVALID_PARAMETER);
}

TEST_F(OrCreateKeyTest, CreatesLinks) {
  const ORHKEY hive = create_hive();
  create_key(hive, u"Plain");
  ORHKEY key = nullptr;
  EXPECT_EQ(ORCreateKey(hive, u"Link"_w, nullptr, REG_OPTION_CREATE_LINK, nullptr, &key, nullptr),
            ERROR_SUCCESS);
  EXPECT_EQ(ORCreateKey(hive, u"Link"_w, nullptr, REG_OPTION_CREATE_LINK, nullptr, &key, nullptr),
            ERROR_SUCCESS);
  EXPECT_EQ(ORCreateKey(hive, u"Plain"_w, nullptr, REG_OPTION_CREATE_LINK, nullptr, &key, nullptr),
            ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORCreateKey(hive, u"Volatile"_w, nullptr, 1, nullptr, &key, nullptr),
            ERROR_INVALID_PARAMETER);
  const auto file = saved(hive, "saved");
  EXPECT_TRUE(file.find("Link")->is_symbolic_link());
  EXPECT_FALSE(file.find("Plain")->is_symbolic_link());
}

TEST_F(OrCreateKeyTest, RefusesNamesAndDepthsBeyondTheLimits) {
  const ORHKEY hive = create_hive();
  ORHKEY key = nullptr;
  const auto create = [&](ORHKEY parent, const std::u16string& name) {
    return ORCreateKey(parent, WideText(name), nullptr, 0, nullptr, &key, nullptr);
  };
  EXPECT_EQ(create(hive, std::u16string(256, u'x')), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(create(hive, std::u16string(255, u'x')), ERROR_SUCCESS);
  std::u16string path = u"k";
  for (int i = 0; i < 31; ++i) {
    path += u"\\k";
  }
  EXPECT_EQ(create(hive, path + u"\\k"), ERROR_INVALID_PARAMETER);
  ORHKEY deep = hive;
  for (int i = 0; i < 15; ++i) {
    ASSERT_EQ(create(deep, path), ERROR_SUCCESS);
    deep = key;
  }
  EXPECT_EQ(create(deep, path), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(create(deep, path.substr(2)), ERROR_SUCCESS);
  EXPECT_EQ(saved(hive, "deep").key_count(), 513U);
}

TEST_F(OrCreateKeyTest, SetsTheTimesOfTheKeyAndItsParent) {
  const ORHKEY hive = open_bytes("sample", sample_hive().bytes());
  const FileTime before = FileTime::now();
  const ORHKEY beta = open_key(hive, u"Beta");
  EXPECT_LT(time_of(beta), before);
  const ORHKEY key = create_key(beta, u"New");
  EXPECT_GE(time_of(beta), before);
  EXPECT_GE(time_of(key), before);
  EXPECT_LT(time_of(open_key(beta, u"Kid")), before);
}

// ---- deleting ----

TEST_F(OrDeleteKeyTest, DeletesAKeyWithoutSubkeys) {
  const ORHKEY hive = create_hive();
  create_key(hive, u"A\\B");
  EXPECT_EQ(ORDeleteKey(hive, u"A"_w), ERROR_KEY_HAS_CHILDREN);
  EXPECT_EQ(ORDeleteKey(hive, u"a\\b"_w), ERROR_SUCCESS);
  EXPECT_EQ(ORDeleteKey(hive, u"a\\b"_w), ERROR_FILE_NOT_FOUND);
  EXPECT_EQ(ORDeleteKey(hive, u"A"_w), ERROR_SUCCESS);
  EXPECT_EQ(ORDeleteKey(hive, nullptr), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(saved(hive, "saved").key_count(), 1U);
}

TEST_F(OrDeleteKeyTest, LeavesHandlesThatCanOnlyBeClosed) {
  const ORHKEY hive = create_hive();
  const ORHKEY key = create_key(hive, u"Key");
  const ORHKEY other = open_key(hive, u"Key");
  EXPECT_EQ(ORDeleteKey(key, nullptr), ERROR_SUCCESS);
  ORHKEY opened = nullptr;
  EXPECT_EQ(OROpenKey(other, u"x"_w, &opened), ERROR_KEY_DELETED);
  EXPECT_EQ(OROpenKey(other, nullptr, &opened), ERROR_KEY_DELETED);
  EXPECT_EQ(ORSetValue(key, nullptr, 0, nullptr, 0), ERROR_KEY_DELETED);
  EXPECT_EQ(ORDeleteKey(key, nullptr), ERROR_KEY_DELETED);
  EXPECT_EQ(ORCloseHive(key), ERROR_KEY_DELETED);
  const ORHKEY again = create_key(hive, u"Key");
  EXPECT_EQ(ORSetValue(key, nullptr, 0, nullptr, 0), ERROR_KEY_DELETED);
  EXPECT_EQ(ORSetValue(again, nullptr, 0, nullptr, 0), ERROR_SUCCESS);
  EXPECT_EQ(ORCloseKey(key), ERROR_SUCCESS);
  EXPECT_EQ(ORCloseKey(key), ERROR_INVALID_HANDLE);
  EXPECT_EQ(ORCloseHive(hive), ERROR_SUCCESS);
  EXPECT_EQ(ORCloseKey(other), ERROR_INVALID_HANDLE);
}

// ---- renaming ----

TEST_F(OrRenameKeyTest, RenamesAKeyThatIsOpen) {
  const ORHKEY hive = create_hive();
  const ORHKEY key = create_key(hive, u"B");
  create_key(hive, u"C");
  set_dword(create_key(key, u"Kid"), u"v", 5);
  EXPECT_EQ(ORRenameKey(key, u"D"_w), ERROR_SUCCESS);
  EXPECT_EQ(subkeys_of(hive), (Names{u"C", u"D"}));
  EXPECT_EQ(dword(hive, u"d\\kid", u"v"), 5U);
  EXPECT_EQ(dword(key, u"kid", u"v"), 5U);
  EXPECT_EQ(ORRenameKey(key, u"d"_w), ERROR_SUCCESS);
  EXPECT_EQ(subkeys_of(hive), (Names{u"C", u"d"}));
}

TEST_F(OrRenameKeyTest, RefusesTakenAndInvalidNames) {
  const ORHKEY hive = create_hive();
  const ORHKEY key = create_key(hive, u"A");
  create_key(hive, u"B");
  EXPECT_EQ(ORRenameKey(key, u"b"_w), ERROR_ALREADY_EXISTS);
  EXPECT_EQ(ORRenameKey(key, u""_w), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORRenameKey(key, u"x\\y"_w), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORRenameKey(key, nullptr), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORRenameKey(hive, u"x"_w), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(subkeys_of(hive), (Names{u"A", u"B"}));
}

// ---- listing ----

TEST_F(OrEnumKeyTest, ReturnsNameClassAndTime) {
  const ORHKEY hive = create_hive();
  const FileTime before = FileTime::now();
  ORHKEY key = nullptr;
  auto wanted = u"Class"_w;
  EXPECT_EQ(ORCreateKey(hive, u"Name"_w, wanted, 0, nullptr, &key, nullptr), ERROR_SUCCESS);
  std::vector<WCHAR> name(5, u'#');
  std::vector<WCHAR> class_name(6, u'#');
  DWORD name_size = 5;
  DWORD class_size = 6;
  FILETIME time{};
  EXPECT_EQ(OREnumKey(hive, 0, name.data(), &name_size, class_name.data(), &class_size, &time),
            ERROR_SUCCESS);
  EXPECT_EQ(name_size, 4U);
  EXPECT_EQ(text_in(name, 5), std::u16string(u"Name\0", 5));
  EXPECT_EQ(class_size, 5U);
  EXPECT_EQ(text_in(class_name, 6), std::u16string(u"Class\0", 6));
  EXPECT_GE(std::uint64_t{time.dwHighDateTime} << 32 | time.dwLowDateTime, before.ticks);
  EXPECT_EQ(OREnumKey(hive, 1, name.data(), &name_size, nullptr, nullptr, nullptr),
            ERROR_NO_MORE_ITEMS);
}

TEST_F(OrEnumKeyTest, CopiesNothingIfABufferIsTooSmall) {
  const ORHKEY hive = create_hive();
  create_key(hive, u"Name");
  std::vector<WCHAR> name(4, u'#');
  DWORD size = 4;
  EXPECT_EQ(OREnumKey(hive, 0, name.data(), &size, nullptr, nullptr, nullptr), ERROR_MORE_DATA);
  EXPECT_EQ(size, 4U);
  EXPECT_EQ(text_in(name, 4), u"####");
  EXPECT_EQ(OREnumKey(hive, 0, nullptr, &size, nullptr, nullptr, nullptr), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(OREnumKey(hive, 0, name.data(), nullptr, nullptr, nullptr, nullptr),
            ERROR_INVALID_PARAMETER);
  EXPECT_EQ(OREnumKey(hive, 0, name.data(), &size, name.data(), nullptr, nullptr),
            ERROR_INVALID_PARAMETER);
}

TEST_F(OrEnumKeyTest, FollowsChanges) {
  const ORHKEY hive = create_hive();
  for (const char16_t* const name : {u"c", u"a", u"b", u"d"}) {
    create_key(hive, name);
  }
  EXPECT_EQ(subkeys_of(hive), (Names{u"a", u"b", u"c", u"d"}));
  for (int left = 4; left > 0; --left) {
    std::vector<WCHAR> name(2);
    DWORD size = 2;
    EXPECT_EQ(OREnumKey(hive, 0, name.data(), &size, nullptr, nullptr, nullptr), ERROR_SUCCESS);
    EXPECT_EQ(ORDeleteKey(hive, name.data()), ERROR_SUCCESS);
  }
  EXPECT_TRUE(subkeys_of(hive).empty());
}

TEST_F(OrQueryInfoKeyTest, ReturnsCountsAndMaxima) {
  const ORHKEY hive = create_hive();
  ORHKEY key = nullptr;
  auto own = u"Own"_w;
  auto of_subkey = u"Longer"_w;
  ORCreateKey(hive, u"Key"_w, own, 0, nullptr, &key, nullptr);
  ORHKEY subkey = nullptr;
  ORCreateKey(key, u"Subkey"_w, of_subkey, 0, nullptr, &subkey, nullptr);
  create_key(key, u"b");
  set_dword(key, u"value", 1);
  EXPECT_EQ(ORSetValue(key, nullptr, 3, reinterpret_cast<const BYTE*>("seven b"), 7),
            ERROR_SUCCESS);
  std::vector<WCHAR> class_name(4);
  DWORD class_size = 4;
  DWORD subkeys = 0, subkey_length = 0, class_length = 0, values = 0;
  DWORD name_length = 0, value_size = 0, descriptor = 0;
  EXPECT_EQ(ORQueryInfoKey(key, class_name.data(), &class_size, &subkeys, &subkey_length,
                           &class_length, &values, &name_length, &value_size, &descriptor, nullptr),
            ERROR_SUCCESS);
  EXPECT_EQ(text_in(class_name, class_size), u"Own");
  EXPECT_EQ(subkeys, 2U);
  EXPECT_EQ(subkey_length, 6U);
  EXPECT_EQ(class_length, 6U);
  EXPECT_EQ(values, 2U);
  EXPECT_EQ(name_length, 5U);
  EXPECT_EQ(value_size, 7U);
  EXPECT_EQ(descriptor, 144U);
}

TEST_F(OrQueryInfoKeyTest, ReturnsTheSizeOfAClassThatDoesNotFit) {
  const ORHKEY hive = create_hive();
  ORHKEY key = nullptr;
  auto wanted = u"Class"_w;
  ORCreateKey(hive, u"Key"_w, wanted, 0, nullptr, &key, nullptr);
  std::vector<WCHAR> class_name(5, u'#');
  DWORD size = 5;
  const auto query = [&](PWSTR buffer, PDWORD buffer_size) {
    return ORQueryInfoKey(key, buffer, buffer_size, nullptr, nullptr, nullptr, nullptr, nullptr,
                          nullptr, nullptr, nullptr);
  };
  EXPECT_EQ(query(class_name.data(), &size), ERROR_MORE_DATA);
  EXPECT_EQ(size, 5U);
  EXPECT_EQ(text_in(class_name, 5), u"#####");
  size = 0;
  EXPECT_EQ(query(nullptr, &size), ERROR_SUCCESS);
  EXPECT_EQ(size, 5U);
  EXPECT_EQ(query(class_name.data(), nullptr), ERROR_INVALID_PARAMETER);
}

}  // namespace
}  // namespace cim::test
