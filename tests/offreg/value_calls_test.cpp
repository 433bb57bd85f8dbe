// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "offreg/offreg_test.h"
#include "registry/damage_cases.h"
#include "registry/hive_file.h"

namespace cim::test {
namespace {

using OrSetValueTest = OffregTest;
using OrGetValueTest = OffregTest;
using OrDeleteValueTest = OffregTest;
using OrEnumValueTest = OffregTest;

DWORD set(ORHKEY key, std::u16string_view name, DWORD type, const Bytes& data) {
  return ORSetValue(key, WideText(name), type, reinterpret_cast<const BYTE*>(data.data()),
                    static_cast<DWORD>(data.size()));
}

Bytes bytes_of(std::u16string_view text) {
  Bytes data = text_data(text);
  data.resize(data.size() - 2);
  return data;
}

TEST_F(OrSetValueTest, StoresDataOfAllSizes) {
  const ORHKEY hive = create_hive();
  for (const std::size_t size : {0U, 1U, 4U, 5U, 16344U, 16345U, 100000U}) {
    EXPECT_EQ(set(hive, u"value", 3, value_bytes(7)), ERROR_SUCCESS);
    EXPECT_EQ(set(hive, u"VALUE", 3, value_bytes(size)), ERROR_SUCCESS);
    const auto file = saved(hive, std::to_string(size));
    EXPECT_EQ(file.value_count(), 1U);
    EXPECT_EQ(file.root().value("value")->data(), value_bytes(size));
    EXPECT_EQ(file.root().value("value")->name(), "value");
  }
}

TEST_F(OrSetValueTest, SetsTheUnnamedValueWithoutAName) {
  const ORHKEY hive = create_hive();
  EXPECT_EQ(ORSetValue(hive, nullptr, 7, nullptr, 0), ERROR_SUCCESS);
  EXPECT_EQ(ORSetValue(hive, u""_w, 8, nullptr, 0), ERROR_SUCCESS);
  DWORD type = 0;
  EXPECT_EQ(ORGetValue(hive, nullptr, nullptr, &type, nullptr, nullptr), ERROR_SUCCESS);
  EXPECT_EQ(type, 8U);
}

TEST_F(OrSetValueTest, RefusesMissingDataAndLongNames) {
  const ORHKEY hive = create_hive();
  EXPECT_EQ(ORSetValue(hive, u"v"_w, 3, nullptr, 1), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(set(hive, std::u16string(16384, u'n'), 3, {}), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(set(hive, std::u16string(16383, u'n'), 3, {}), ERROR_SUCCESS);
  EXPECT_EQ(saved(hive, "saved").value_count(), 1U);
}

TEST_F(OrSetValueTest, SetsTheTimeOfTheKey) {
  const ORHKEY hive = open_bytes("sample", sample_hive().bytes());
  const FileTime before = FileTime::now();
  EXPECT_LT(time_of(hive), before);
  set_dword(hive, u"new", 1);
  EXPECT_GE(time_of(hive), before);
}

// ---- reading ----

TEST_F(OrGetValueTest, ReturnsDataOfAKeyAndOfKeysBelow) {
  const ORHKEY hive = create_hive();
  EXPECT_EQ(set(create_key(hive, u"A\\B"), u"v", 3, value_bytes(10)), ERROR_SUCCESS);
  Bytes data(10);
  DWORD size = 10;
  DWORD type = 0;
  EXPECT_EQ(ORGetValue(hive, u"a\\b"_w, u"V"_w, &type, data.data(), &size), ERROR_SUCCESS);
  EXPECT_EQ(data, value_bytes(10));
  EXPECT_EQ(type, 3U);
  size = 10;
  EXPECT_EQ(ORGetValue(open_key(hive, u"A\\B"), u""_w, u"v"_w, nullptr, data.data(), &size),
            ERROR_SUCCESS);
  EXPECT_EQ(ORGetValue(hive, u"A\\C"_w, u"v"_w, nullptr, nullptr, nullptr), ERROR_FILE_NOT_FOUND);
  EXPECT_EQ(ORGetValue(hive, u"A\\B"_w, u"w"_w, nullptr, nullptr, nullptr), ERROR_FILE_NOT_FOUND);
  EXPECT_EQ(ORGetValue(hive, u"A\\B"_w, nullptr, nullptr, nullptr, nullptr), ERROR_FILE_NOT_FOUND);
}

TEST_F(OrGetValueTest, ReturnsTheSizeNeeded) {
  const ORHKEY hive = create_hive();
  EXPECT_EQ(set(hive, u"v", 3, value_bytes(10)), ERROR_SUCCESS);
  Bytes data(9);
  DWORD size = 9;
  EXPECT_EQ(ORGetValue(hive, nullptr, u"v"_w, nullptr, data.data(), &size), ERROR_MORE_DATA);
  EXPECT_EQ(size, 10U);
  EXPECT_EQ(data, Bytes(9));
  size = 0;
  EXPECT_EQ(ORGetValue(hive, nullptr, u"v"_w, nullptr, nullptr, &size), ERROR_SUCCESS);
  EXPECT_EQ(size, 10U);
  EXPECT_EQ(ORGetValue(hive, nullptr, u"v"_w, nullptr, data.data(), nullptr),
            ERROR_INVALID_PARAMETER);
}

TEST_F(OrGetValueTest, TerminatesText) {
  const ORHKEY hive = create_hive();
  for (const DWORD type : {1U, 2U, 7U}) {
    EXPECT_EQ(set(hive, u"v", type, bytes_of(u"ab")), ERROR_SUCCESS);
    Bytes data(6, std::byte{0xFF});
    DWORD size = 4;
    EXPECT_EQ(ORGetValue(hive, nullptr, u"v"_w, nullptr, data.data(), &size), ERROR_MORE_DATA);
    EXPECT_EQ(size, 6U);
    EXPECT_EQ(ORGetValue(hive, nullptr, u"v"_w, nullptr, data.data(), &size), ERROR_SUCCESS);
    EXPECT_EQ(data, text_data(u"ab"));
    EXPECT_EQ(set(hive, u"v", type, text_data(u"ab")), ERROR_SUCCESS);
    EXPECT_EQ(ORGetValue(hive, nullptr, u"v"_w, nullptr, nullptr, &size), ERROR_SUCCESS);
    EXPECT_EQ(size, 6U);
    EXPECT_EQ(set(hive, u"v", type, Bytes(3)), ERROR_SUCCESS);
    EXPECT_EQ(ORGetValue(hive, nullptr, u"v"_w, nullptr, nullptr, &size), ERROR_SUCCESS);
    EXPECT_EQ(size, 6U);
    EXPECT_EQ(set(hive, u"v", type, {}), ERROR_SUCCESS);
    EXPECT_EQ(ORGetValue(hive, nullptr, u"v"_w, nullptr, nullptr, &size), ERROR_SUCCESS);
    EXPECT_EQ(size, 2U);
  }
}

TEST_F(OrDeleteValueTest, DeletesAValue) {
  const ORHKEY hive = create_hive();
  set_dword(hive, u"Value", 1);
  set_dword(hive, u"", 2);
  EXPECT_EQ(ORDeleteValue(hive, u"none"_w), ERROR_FILE_NOT_FOUND);
  EXPECT_EQ(ORDeleteValue(hive, u"vALUE"_w), ERROR_SUCCESS);
  EXPECT_EQ(ORDeleteValue(hive, u"Value"_w), ERROR_FILE_NOT_FOUND);
  EXPECT_EQ(ORDeleteValue(hive, nullptr), ERROR_SUCCESS);
  EXPECT_EQ(ORDeleteValue(hive, u""_w), ERROR_FILE_NOT_FOUND);
  EXPECT_EQ(saved(hive, "saved").value_count(), 0U);
}

// ---- listing ----

TEST_F(OrEnumValueTest, ReturnsNameTypeAndDataAsStored) {
  const ORHKEY hive = create_hive();
  EXPECT_EQ(set(hive, u"first", 1, bytes_of(u"ab")), ERROR_SUCCESS);
  EXPECT_EQ(set(hive, u"", 11, value_bytes(8)), ERROR_SUCCESS);
  std::vector<WCHAR> name(6);
  DWORD name_size = 6;
  DWORD type = 0;
  std::array<BYTE, 8> data{};
  DWORD size = 8;
  EXPECT_EQ(OREnumValue(hive, 0, name.data(), &name_size, &type, data.data(), &size),
            ERROR_SUCCESS);
  EXPECT_EQ(text_in(name, name_size), u"first");
  EXPECT_EQ(type, 1U);
  EXPECT_EQ(size, 4U);
  name_size = 6;
  EXPECT_EQ(OREnumValue(hive, 1, name.data(), &name_size, &type, nullptr, &size), ERROR_SUCCESS);
  EXPECT_EQ(name_size, 0U);
  EXPECT_EQ(type, 11U);
  EXPECT_EQ(size, 8U);
  EXPECT_EQ(OREnumValue(hive, 2, name.data(), &name_size, &type, nullptr, nullptr),
            ERROR_NO_MORE_ITEMS);
}

TEST_F(OrEnumValueTest, RefusesBuffersThatAreTooSmall) {
  const ORHKEY hive = create_hive();
  EXPECT_EQ(set(hive, u"name", 3, value_bytes(8)), ERROR_SUCCESS);
  std::vector<WCHAR> name(5);
  std::array<BYTE, 7> data{};
  DWORD name_size = 4;
  DWORD size = 7;
  EXPECT_EQ(OREnumValue(hive, 0, name.data(), &name_size, nullptr, nullptr, nullptr),
            ERROR_MORE_DATA);
  name_size = 5;
  EXPECT_EQ(OREnumValue(hive, 0, name.data(), &name_size, nullptr, data.data(), &size),
            ERROR_MORE_DATA);
  EXPECT_EQ(size, 8U);
  EXPECT_EQ(OREnumValue(hive, 0, name.data(), &name_size, nullptr, data.data(), nullptr),
            ERROR_INVALID_PARAMETER);
  EXPECT_EQ(OREnumValue(hive, 0, nullptr, &name_size, nullptr, nullptr, nullptr),
            ERROR_INVALID_PARAMETER);
  EXPECT_EQ(OREnumValue(hive, 0, name.data(), nullptr, nullptr, nullptr, nullptr),
            ERROR_INVALID_PARAMETER);
}

}  // namespace
}  // namespace cim::test
