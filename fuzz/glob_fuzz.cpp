// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is a pattern and a path, separated by a NUL. The pattern must be refused or matched as
// a plain recursive matcher does, which knows no lists of characters and takes exponential time, so
// that inputs are short.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/glob.h"
#include "cimlib/wtf8.h"

#include "base/upcase.h"

namespace {

using Names = std::vector<std::u16string>;

constexpr std::size_t kMaxSize = 16;

Names split(std::u16string_view text) {
  Names names;
  while (!text.empty()) {
    const std::size_t end = text.find(u'/');
    if (end != 0) {
      names.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return names;
}

std::size_t units_of_first(std::u16string_view text) {
  const bool pair = text.size() > 1 && (text[0] & 0xFC00) == 0xD800 && (text[1] & 0xFC00) == 0xDC00;
  return pair ? 2 : 1;
}

bool matches_name(std::u16string_view pattern, std::u16string_view name) {
  if (pattern.empty()) {
    return name.empty();
  }
  if (pattern[0] == u'*') {
    return matches_name(pattern.substr(1), name) ||
           (!name.empty() && matches_name(pattern, name.substr(units_of_first(name))));
  }
  if (name.empty()) {
    return false;
  }
  const std::size_t units = units_of_first(name);
  if (pattern[0] == u'?') {
    return matches_name(pattern.substr(1), name.substr(units));
  }
  return units_of_first(pattern) == units &&
         cim::equal_ignoring_case(pattern.substr(0, units), name.substr(0, units)) &&
         matches_name(pattern.substr(units), name.substr(units));
}

bool matches_path(const Names& pattern, std::size_t p, const Names& path, std::size_t n) {
  if (p == pattern.size()) {
    return n == path.size();
  }
  if (pattern[p] == u"**") {
    return matches_path(pattern, p + 1, path, n) ||
           (n < path.size() && matches_path(pattern, p, path, n + 1));
  }
  return n < path.size() && matches_name(pattern[p], path[n]) &&
         matches_path(pattern, p + 1, path, n + 1);
}

// A state without hope must not be followed by a match.
bool matches_by_state(const cim::Glob& glob, const Names& path) {
  cim::GlobState state = glob.start();
  bool is_hopeless = false;
  for (const std::u16string& name : path) {
    is_hopeless = is_hopeless || !state.may_match_below();
    state = state.enter(name);
  }
  if (is_hopeless && state.is_match()) {
    std::abort();
  }
  return state.is_match();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // char may alias any object.
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\0');
  if (end == input.npos) {
    return 0;
  }
  const std::string_view pattern = input.substr(0, end);
  const auto path = cim::to_utf16(input.substr(end + 1));
  if (!path) {
    return 0;
  }
  try {
    const cim::Glob glob(pattern, "/");
    const Names names = split(*path);
    const bool is_match = matches_by_state(glob, names);
    if (is_match != glob.matches(names)) {
      std::abort();
    }
    const bool is_plain = pattern.find('[') == pattern.npos && size <= kMaxSize;
    if (is_plain && is_match != matches_path(split(*cim::to_utf16(pattern)), 0, names, 0)) {
      std::abort();
    }
  } catch (const cim::Error&) {
    // Most inputs should be rejected.
  }
  return 0;
}
