// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "offreg/arguments.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "cimlib/host_path.h"
#include "cimlib/wtf8.h"

#include "base/utf16.h"
#include "offreg/result.h"
#include "registry/format/cells.h"
#include "registry/format/name.h"

namespace cim::offreg {

std::u16string text_of(PCWSTR text, std::size_t max_length) {
  if (text == nullptr) {
    fail(ERROR_INVALID_PARAMETER);
  }
  auto units = utf16_until_nul(text, max_length);
  if (!units) {
    fail(ERROR_INVALID_PARAMETER);
  }
  return *std::move(units);
}

std::u16string value_name_of(PCWSTR text) {
  return text == nullptr ? std::u16string() : text_of(text, kMaxValueNameLength);
}

std::vector<std::u16string> key_names_of(PCWSTR path) {
  constexpr std::size_t kMaxNameAndSeparator = 256;
  std::vector<std::u16string> names;
  if (path == nullptr) {
    return names;
  }
  const std::string text = to_wtf8(text_of(path, kMaxNameAndSeparator * registry::kMaxDepth));
  for (const std::string_view name : registry::split_path(text)) {
    names.push_back(registry::utf16_name(name));
  }
  return names;
}

std::filesystem::path file_path_of(PCWSTR text) {
  const std::u16string path = text_of(text, kMaxPathLength);
  if (path.empty()) {
    fail(ERROR_INVALID_PARAMETER);
  }
  return host_path(to_wtf8(path));
}

TextBuffer::TextBuffer(PWSTR buffer, PDWORD size) : buffer_(buffer), size_(size) {
  if (buffer != nullptr && size == nullptr) {
    fail(ERROR_INVALID_PARAMETER);
  }
}

bool TextBuffer::fits(std::u16string_view text) const noexcept {
  return buffer_ == nullptr || text.size() < *size_;
}

void TextBuffer::put(std::u16string_view text) const noexcept {
  if (buffer_ != nullptr) {
    *std::transform(text.begin(), text.end(), buffer_,
                    [](char16_t unit) { return static_cast<WCHAR>(unit); }) = 0;
  }
  put_size(text);
}

void TextBuffer::put_size(std::u16string_view text) const noexcept {
  offreg::put(size_, text.size());
}

void put_data(ByteView data, void* buffer, PDWORD size, DWORD too_small) {
  if (buffer != nullptr && size == nullptr) {
    fail(ERROR_INVALID_PARAMETER);
  }
  const bool fits = buffer == nullptr || data.size() <= *size;
  put(size, data.size());
  if (!fits) {
    fail(too_small);
  }
  if (buffer != nullptr && !data.empty()) {
    std::memcpy(buffer, data.data(), data.size());
  }
}

FILETIME to_filetime(FileTime time) noexcept {
  constexpr unsigned kWordBits = 32;
  return {static_cast<DWORD>(time.ticks), static_cast<DWORD>(time.ticks >> kWordBits)};
}

}  // namespace cim::offreg
