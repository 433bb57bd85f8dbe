// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Writes hives that were made, edited and merged through the functions of offreg.dll, for other
// programs to read: offline_hives DIRECTORY
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/wtf8.h"

#include "offreg/offreg.h"

namespace {

void must(DWORD result) {
  if (result != ERROR_SUCCESS) {
    throw std::runtime_error("a call fails with " + std::to_string(result));
  }
}

ORHKEY create_hive() {
  ORHKEY hive = nullptr;
  must(ORCreateHive(&hive));
  return hive;
}

ORHKEY create(ORHKEY parent, std::u16string name, std::u16string class_name = u"",
              DWORD options = 0) {
  ORHKEY key = nullptr;
  must(ORCreateKey(parent, name.c_str(), class_name.empty() ? nullptr : class_name.data(), options,
                   nullptr, &key, nullptr));
  return key;
}

void set(ORHKEY key, std::u16string_view name, DWORD type, const std::vector<BYTE>& data) {
  must(ORSetValue(key, std::u16string(name).c_str(), type, data.data(),
                  static_cast<DWORD>(data.size())));
}

std::vector<BYTE> text(std::u16string_view units) {
  std::vector<BYTE> data;
  for (const char16_t unit : std::u16string(units) + u'\0') {
    data.push_back(static_cast<BYTE>(unit));
    data.push_back(static_cast<BYTE>(unit >> 8));
  }
  return data;
}

/// A hive with every form of storage: lists of subkeys, names, classes, sizes of data.
ORHKEY make_full() {
  const ORHKEY hive = create_hive();
  for (int i = 0; i < 1300; ++i) {
    create(hive, u"Many\\Key" + cim::to_utf16(std::to_string(i)).value());
  }
  const ORHKEY values = create(hive, u"Values\\\u0416", u"Class");
  for (const std::size_t size : {0U, 1U, 4U, 5U, 16344U, 16345U, 100000U}) {
    set(values, cim::to_utf16(std::to_string(size)).value(), 3, std::vector<BYTE>(size, 'x'));
  }
  set(values, u"", 1, text(u"unnamed"));
  set(values, u"n\u00E4me", 1, text(u"\u0416"));
  const ORHKEY link = create(hive, u"Link", u"", REG_OPTION_CREATE_LINK);
  set(link, u"SymbolicLinkValue", 6, text(u"\\Registry\\Machine\\X"));
  must(ORSetVirtualFlags(values, 2));
  must(ORRenameKey(create(hive, u"Zulu"), u"Alpha"));
  must(ORDeleteKey(hive, u"Many\\Key7"));
  must(ORDeleteValue(values, u"5"));
  return hive;
}

ORHKEY make_upper() {
  const ORHKEY hive = create_hive();
  set(create(hive, u"values\\\u0416"), u"4", 4, {1, 2, 3, 4});
  set(create(hive, u"New"), u"v", 1, text(u"new"));
  return hive;
}

void save(ORHKEY hive, const std::filesystem::path& file) {
  must(ORSaveHive(hive, cim::to_utf16(file.string()).value().c_str(), 10, 0));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::puts("usage: offline_hives DIRECTORY");
    return 2;
  }
  try {
    const std::filesystem::path directory = arguments[1];
    std::array<ORHKEY, 2> hives{make_full(), make_upper()};
    save(hives[0], directory / "made.hive");
    ORHKEY merged = nullptr;
    must(ORMergeHives(hives.data(), 2, &merged));
    save(merged, directory / "merged.hive");
    ORHKEY part = nullptr;
    must(OROpenKey(hives[0], u"Many", &part));
    save(part, directory / "part.hive");
    return 0;
  } catch (const std::exception& error) {
    std::puts(error.what());
    return 1;
  }
}
