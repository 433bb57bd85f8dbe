// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layerapi/utf8_arguments.h"

#include <algorithm>
#include <cstring>

#include "cimlib/host_path.h"

#include "capi/result.h"

namespace cim::capi {
namespace {

constexpr std::size_t kMaxString = 32767;

}  // namespace

std::string_view utf8_or_empty(const char* text) {
  if (text == nullptr) {
    fail(E_INVALIDARG);
  }
  const auto* const end = static_cast<const char*>(std::memchr(text, 0, kMaxString + 1));
  if (end == nullptr) {
    fail(E_INVALIDARG);
  }
  return {text, static_cast<std::size_t>(end - text)};
}

std::string_view utf8_of(const char* text) {
  const std::string_view result = utf8_or_empty(text);
  if (result.empty()) {
    fail(E_INVALIDARG);
  }
  return result;
}

std::filesystem::path path_of(const char* text) {
  return host_path(utf8_of(text));
}

void copy_all(std::string_view bytes, std::size_t end, char* buffer, std::size_t size,
              std::size_t* length) {
  if (length != nullptr) {
    *length = bytes.size() - end;
  }
  if (size < bytes.size()) {
    fail(from_win32(ERROR_INSUFFICIENT_BUFFER));
  }
  if (buffer == nullptr && size != 0) {
    fail(E_POINTER);
  }
  std::copy(bytes.begin(), bytes.end(), buffer);
}

void copy_utf8(const std::string& text, char* buffer, std::size_t size, std::size_t* length) {
  copy_all({text.c_str(), text.size() + 1}, 1, buffer, size, length);
}

}  // namespace cim::capi
