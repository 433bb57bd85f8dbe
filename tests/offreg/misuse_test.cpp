// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Every function with handles that are null, closed, invented, or those of something else.
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "offreg/offreg_test.h"

namespace cim::test {
namespace {

using MisuseTest = OffregTest;

struct Call {
  std::string name;
  std::function<DWORD(ORHKEY)> make;
};

/// Returns a call of each function that has a handle; all other arguments are valid.
std::vector<Call> calls(const std::filesystem::path& file) {
  static std::vector<WCHAR> text(300);
  static DWORD size = 0;
  static ORHKEY result = nullptr;
  static Bytes data(300);
  const auto ready = [] {
    size = 300;
    return &size;
  };
  return {
      {"ORCloseHive", [](ORHKEY key) { return ORCloseHive(key); }},
      {"ORSaveHive", [file](ORHKEY key) { return ORSaveHive(key, wide(file), 10, 0); }},
      {"ORMergeHives",
       [](ORHKEY key) {
         std::vector<ORHKEY> hives{key, key};
         return ORMergeHives(hives.data(), 2, &result);
       }},
      {"OROpenKey", [](ORHKEY key) { return OROpenKey(key, u"k"_w, &result); }},
      {"ORCloseKey", [](ORHKEY key) { return ORCloseKey(key); }},
      {"ORCreateKey",
       [](ORHKEY key) { return ORCreateKey(key, u"k"_w, nullptr, 0, nullptr, &result, nullptr); }},
      {"ORDeleteKey", [](ORHKEY key) { return ORDeleteKey(key, u"k"_w); }},
      {"ORRenameKey", [](ORHKEY key) { return ORRenameKey(key, u"k"_w); }},
      {"OREnumKey",
       [ready](ORHKEY key) {
         return OREnumKey(key, 0, text.data(), ready(), nullptr, nullptr, nullptr);
       }},
      {"ORQueryInfoKey",
       [](ORHKEY key) {
         return ORQueryInfoKey(key, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                               nullptr, nullptr, nullptr);
       }},
      {"ORGetValue",
       [](ORHKEY key) { return ORGetValue(key, nullptr, u"v"_w, nullptr, nullptr, nullptr); }},
      {"ORSetValue", [](ORHKEY key) { return ORSetValue(key, u"v"_w, 0, nullptr, 0); }},
      {"ORDeleteValue", [](ORHKEY key) { return ORDeleteValue(key, u"v"_w); }},
      {"OREnumValue",
       [ready](ORHKEY key) {
         return OREnumValue(key, 0, text.data(), ready(), nullptr, nullptr, nullptr);
       }},
      {"ORGetKeySecurity",
       [ready](ORHKEY key) { return ORGetKeySecurity(key, 1, data.data(), ready()); }},
      {"ORSetKeySecurity",
       [](ORHKEY key) {
         Bytes descriptor(20);
         descriptor[0] = std::byte{1};
         descriptor[3] = std::byte{0x80};
         return ORSetKeySecurity(key, DACL_SECURITY_INFORMATION, descriptor.data());
       }},
      {"ORGetVirtualFlags", [](ORHKEY key) { return ORGetVirtualFlags(key, &size); }},
      {"ORSetVirtualFlags", [](ORHKEY key) { return ORSetVirtualFlags(key, 0); }},
  };
}

TEST_F(MisuseTest, OfHandlesIsAnError) {
  const ORHKEY closed_hive = create_hive();
  const ORHKEY key_of_closed_hive = create_key(closed_hive, u"Key");
  ASSERT_EQ(ORCloseHive(closed_hive), ERROR_SUCCESS);
  const ORHKEY hive = create_hive();
  const ORHKEY closed_key = create_key(hive, u"Key");
  ASSERT_EQ(ORCloseKey(closed_key), ERROR_SUCCESS);
  int local = 0;
  for (const Call& call : calls(path("file"))) {
    for (const ORHKEY handle : {ORHKEY{nullptr}, closed_hive, key_of_closed_hive, closed_key,
                                reinterpret_cast<ORHKEY>(~std::uintptr_t{0}), ORHKEY{&local}}) {
      EXPECT_EQ(call.make(handle), ERROR_INVALID_HANDLE) << call.name << ' ' << handle;
    }
  }
}

TEST_F(MisuseTest, OfDeletedKeysIsAnErrorInAllCallsButOne) {
  const ORHKEY hive = create_hive();
  for (const Call& call : calls(path("file"))) {
    const ORHKEY key = create_key(hive, u"Key");
    ASSERT_EQ(ORDeleteKey(key, nullptr), ERROR_SUCCESS);
    EXPECT_EQ(call.make(key),
              call.name == "ORCloseKey" ? DWORD{ERROR_SUCCESS} : DWORD{ERROR_KEY_DELETED})
        << call.name;
  }
}

TEST_F(MisuseTest, OfPointersToResultsIsAnError) {
  const ORHKEY hive = create_hive();
  EXPECT_EQ(ORCreateHive(nullptr), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(OROpenHive(wide(path("file")), nullptr), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(OROpenKey(hive, u"k"_w, nullptr), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORCreateKey(hive, u"k"_w, nullptr, 0, nullptr, nullptr, nullptr),
            ERROR_INVALID_PARAMETER);
  ORHKEY key = nullptr;
  EXPECT_EQ(OROpenHive(nullptr, &key), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORSaveHive(hive, nullptr, 10, 0), ERROR_INVALID_PARAMETER);
  EXPECT_TRUE(subkeys_of(hive).empty());
}

TEST_F(MisuseTest, OfStringsThatAreTooLongIsAnError) {
  const ORHKEY hive = create_hive();
  const WideText text(std::u16string(200000, u'x'));
  ORHKEY key = nullptr;
  EXPECT_EQ(OROpenHive(text, &key), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORSaveHive(hive, text, 10, 0), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(OROpenKey(hive, text, &key), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORDeleteKey(hive, text), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORDeleteValue(hive, text), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORRenameKey(create_key(hive, u"Key"), text), ERROR_INVALID_PARAMETER);
}

// Each thread uses a key of its own in one hive while another closes the hive.
TEST_F(MisuseTest, ByThreadsThatUseAHiveWhileItIsClosed) {
  for (int round = 0; round < 20; ++round) {
    const ORHKEY hive = create_hive();
    std::vector<std::thread> threads;
    for (const char16_t* const name : {u"A", u"B"}) {
      threads.emplace_back([hive, name] {
        ORHKEY key = nullptr;
        DWORD result = ORCreateKey(hive, WideText(name), nullptr, 0, nullptr, &key, nullptr);
        while (result == ERROR_SUCCESS) {
          result = ORSetValue(key, nullptr, 3, nullptr, 0);
        }
        EXPECT_EQ(result, ERROR_INVALID_HANDLE);
      });
    }
    EXPECT_EQ(ORCloseHive(hive), ERROR_SUCCESS);
    for (std::thread& thread : threads) {
      thread.join();
    }
  }
}

}  // namespace
}  // namespace cim::test
