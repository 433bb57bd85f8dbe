// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <string>

#include <windows.h>

#include "cimlib/error.h"
#include "cimlib/host_path.h"
#include "cimlib/wtf8.h"

#include "os/native_path_windows.h"
#include "os/system_error.h"

namespace cim {
namespace {

// Leaves room below MAX_PATH for names appended to a directory's path.
constexpr std::size_t kLong = 150;

bool is_verbatim(std::wstring_view path) {
  return path.starts_with(L"\\\\?\\") || path.starts_with(L"\\\\.\\");
}

std::wstring full_path(const std::wstring& path) {
  std::wstring full(path.size() + MAX_PATH, L'\0');
  for (;;) {
    const DWORD length =
        ::GetFullPathNameW(path.c_str(), static_cast<DWORD>(full.size()), full.data(), nullptr);
    if (length == 0) {
      throw_system_error(static_cast<int>(::GetLastError()),
                         to_wtf8(std::u16string(path.begin(), path.end())), "parse the path");
    }
    const bool fits = length < full.size();
    full.resize(length);
    if (fits) {
      return full;
    }
  }
}

std::wstring verbatim(const std::wstring& path) {
  std::wstring full = full_path(path);
  if (is_verbatim(full)) {  // device names such as NUL
    return full;
  }
  return full.starts_with(L"\\\\") ? L"\\\\?\\UNC" + full.substr(1) : L"\\\\?\\" + full;
}

}  // namespace

std::wstring native_path(const std::filesystem::path& path) {
  const std::wstring& text = path.native();
  return text.empty() || is_verbatim(text) || full_path(text).size() < kLong ? text
                                                                             : verbatim(text);
}

std::filesystem::path host_name(std::string_view text) {
  const auto utf16 = to_utf16(text);
  if (!utf16 || utf16->find(u'\0') != std::u16string::npos) {
    throw Error(ErrorCode::kInvalidArgument, std::string(text), "is not a valid path");
  }
  return std::wstring(utf16->begin(), utf16->end());
}

std::filesystem::path host_path(std::string_view text) {
  return native_path(host_name(text));
}

}  // namespace cim
