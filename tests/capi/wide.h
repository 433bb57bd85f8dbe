// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// UTF-16 strings for the C API, and comparison of results.

#include <filesystem>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cimlib/cimfs.h"
#include "cimlib/wtf8.h"

namespace cim::test {

/// A string that converts to PCWSTR.
class Wide {
 public:
  explicit Wide(std::u16string_view text) : text_(text.begin(), text.end()) {}
  explicit Wide(std::string_view utf8) : Wide(std::u16string_view(to_utf16(utf8).value())) {}
  explicit Wide(const std::string& utf8) : Wide(std::string_view(utf8)) {}
  explicit Wide(const std::u16string& text) : Wide(std::u16string_view(text)) {}
  explicit Wide(const char* utf8) : Wide(std::string_view(utf8)) {}
  explicit Wide(const std::filesystem::path& path) : Wide(std::string_view(path.string())) {}

  // NOLINTNEXTLINE(google-explicit-constructor): as a literal would be.
  operator PCWSTR() const noexcept { return text_.c_str(); }

 private:
  std::basic_string<WCHAR> text_;
};

inline Wide operator""_w(const char* text, std::size_t size) {
  return Wide(std::string_view(text, size));
}

inline std::string hex(HRESULT result) {
  return fmt::format("{:08x}", static_cast<std::uint32_t>(result));
}

inline HRESULT win32(int code) {
  return static_cast<HRESULT>(0x80070000U | static_cast<std::uint32_t>(code));
}

}  // namespace cim::test

/// Expects that a call returns a result; a failure shows both in hexadecimal.
#define EXPECT_RESULT(call, wanted) EXPECT_EQ(cim::test::hex(call), cim::test::hex(wanted))
#define ASSERT_RESULT(call, wanted) ASSERT_EQ(cim::test::hex(call), cim::test::hex(wanted))
