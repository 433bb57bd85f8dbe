// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is a name of an image, which should be WTF-8. As JSON in a page it must be a string
// without characters of markup, and must mean the same.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "cimlib/wtf8.h"

#include "report/json_text.h"

namespace {

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // char may alias any object.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string json;
  cim::report::append_string(json, text);
  require(json.find_first_of("<>&\n\r") == json.npos);
  const auto utf16 = cim::to_utf16(text);
  const bool is_unicode = utf16 && cim::to_utf16(cim::to_wtf8(*utf16)) == utf16;
  if (is_unicode && json.find("\\ud") == json.npos) {  // no unpaired surrogates
    require(nlohmann::json::parse(json).get<std::string>() == text);
  }
  require(json.size() >= 2 && json.front() == '"' && json.back() == '"');
  return 0;
}
