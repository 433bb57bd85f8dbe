// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A directory with hives, and short forms of calls that must succeed.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "cimlib/hive.h"
#include "cimlib/wtf8.h"

#include "offreg/offreg.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim::test {

/// A string for a call; converts to both PCWSTR and PWSTR.
class WideText {
 public:
  explicit WideText(std::u16string_view text) : text_(text.begin(), text.end()) {}

  // NOLINTNEXTLINE(google-explicit-constructor): as a literal would be.
  operator PCWSTR() const noexcept { return text_.c_str(); }
  // NOLINTNEXTLINE(google-explicit-constructor)
  operator PWSTR() noexcept { return text_.data(); }

 private:
  std::basic_string<WCHAR> text_;
};

inline WideText operator""_w(const char16_t* text, std::size_t size) {
  return WideText(std::u16string_view(text, size));
}

inline WideText wide(const std::filesystem::path& path) {
  return WideText(to_utf16(path.string()).value());
}

inline std::u16string text_in(const std::vector<WCHAR>& buffer, std::size_t size) {
  return {buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size)};
}

/// Makes calls whose arguments are not the subject of a test.
class OffregTest : public testing::Test {
 protected:
  std::filesystem::path path(std::string_view name) const { return directory_.path() / name; }

  static ORHKEY create_hive() {
    ORHKEY hive = nullptr;
    EXPECT_EQ(ORCreateHive(&hive), ERROR_SUCCESS);
    return hive;
  }

  ORHKEY open_hive(const std::filesystem::path& file) const {
    ORHKEY hive = nullptr;
    EXPECT_EQ(OROpenHive(wide(file), &hive), ERROR_SUCCESS) << file;
    return hive;
  }

  /// Writes a file and opens it as a hive.
  ORHKEY open_bytes(std::string_view name, ByteView bytes) const {
    write(path(name), bytes);
    return open_hive(path(name));
  }

  static void write(const std::filesystem::path& file, ByteView bytes) {
    File::create_new(file).write_at(0, bytes);
  }

  static Bytes read(const std::filesystem::path& file) {
    return read_whole_file(file, std::uint64_t{1} << 30);
  }

  static ORHKEY create_key(ORHKEY parent, std::u16string_view name) {
    ORHKEY key = nullptr;
    EXPECT_EQ(ORCreateKey(parent, WideText(name), nullptr, 0, nullptr, &key, nullptr),
              ERROR_SUCCESS);
    return key;
  }

  static ORHKEY open_key(ORHKEY parent, std::u16string_view name) {
    ORHKEY key = nullptr;
    EXPECT_EQ(OROpenKey(parent, WideText(name), &key), ERROR_SUCCESS);
    return key;
  }

  static void set_dword(ORHKEY key, std::u16string_view name, std::uint32_t number) {
    EXPECT_EQ(ORSetValue(key, WideText(name), registry::kRegDword,
                         reinterpret_cast<const BYTE*>(&number), sizeof number),
              ERROR_SUCCESS);
  }

  /// Returns what a subkey's own value holds; 0 if it is missing.
  static std::uint32_t dword(ORHKEY key, std::u16string_view subkey, std::u16string_view name) {
    std::uint32_t number = 0;
    DWORD size = sizeof number;
    return ORGetValue(key, WideText(subkey), WideText(name), nullptr, &number, &size) ==
                   ERROR_SUCCESS
               ? number
               : 0;
  }

  static std::vector<std::u16string> subkeys_of(ORHKEY key) {
    std::vector<std::u16string> names;
    std::vector<WCHAR> buffer(256);
    for (DWORD i = 0;; ++i) {
      auto size = static_cast<DWORD>(buffer.size());
      if (OREnumKey(key, i, buffer.data(), &size, nullptr, nullptr, nullptr) != ERROR_SUCCESS) {
        return names;
      }
      names.push_back(text_in(buffer, size));
    }
  }

  static FileTime time_of(ORHKEY key) {
    FILETIME time{};
    EXPECT_EQ(ORQueryInfoKey(key, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                             nullptr, nullptr, &time),
              ERROR_SUCCESS);
    return {std::uint64_t{time.dwHighDateTime} << 32 | time.dwLowDateTime};
  }

  /// Saves for Windows 10 and reads the result, which must be valid.
  registry::Hive saved(ORHKEY key, std::string_view name) const {
    EXPECT_EQ(ORSaveHive(key, wide(path(name)), 10, 0), ERROR_SUCCESS);
    EXPECT_TRUE(registry::check(path(name), {.min_severity = Severity::kNote}).findings.empty());
    return registry::Hive::open(path(name));
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace cim::test
