// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include "cimlib/glob.h"

#include "scaling/measure.h"

namespace cim::test {
namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) {
    result += text;
  }
  return result;
}

std::function<void()> match(std::string pattern, std::vector<std::u16string> path) {
  return [pattern = std::move(pattern), path = std::move(path)] {
    static_cast<void>(Glob(pattern).matches(path));
  };
}

}  // namespace

// None of the patterns matches, so that every way to match is tried.
std::vector<Countable> glob_countables() {
  return {
      {"glob: characters of a name", 1000,
       [](std::size_t n) { return match("*a*aaaaaaab*a*", {std::u16string(n, u'a')}); }},
      {"glob: asterisks of a name", 100,
       [](std::size_t n) { return match(repeated("*a", n) + "*b", {std::u16string(200, u'a')}); }},
      {"glob: characters of a list", 1000,
       [](std::size_t n) { return match("x[" + repeated("a", n) + "b]", {u"xz"}); }},
      {"glob: names of a path", 300,
       [](std::size_t n) {
         return match("**/a/**/a/b/**/a", std::vector<std::u16string>(n, u"a"));
       }},
      {"glob: names of a pattern", 100,
       [](std::size_t n) {
         return match(repeated("**/a/", n) + "b", std::vector<std::u16string>(100, u"a"));
       }},
  };
}

}  // namespace cim::test
