// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "report/json_text.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cim::report {
namespace {

std::string written(std::string_view text) {
  std::string json;
  append_string(json, text);
  return json;
}

TEST(AppendString, CannotEndAScriptElement) {
  for (const std::string text : {"</script><script>alert(1)</script>", "<!--", "-->", "]]>", "&lt;",
                                 "{{script}}", "\"'\\\n\r\t\x7f\x01"}) {
    const std::string json = written(text);
    EXPECT_EQ(json.find_first_of("<>&\n"), json.npos) << json;
    EXPECT_EQ(nlohmann::json::parse(json).get<std::string>(), text);
  }
}

TEST(AppendString, KeepsEveryName) {
  EXPECT_EQ(written("Grüße 🦊"), "\"Grüße 🦊\"");
  EXPECT_EQ(written("a\xED\xA0\x80z"), "\"a\\ud800z\"");
  EXPECT_EQ(written("\xED\xBF\xBF"), "\"\\udfff\"");
}

TEST(AppendString, ReplacesWhatIsNotText) {
  EXPECT_EQ(written("\xFFx"), "\"\\ufffdx\"");
  EXPECT_EQ(written("\xC0\x80"), "\"\\ufffd\\ufffd\"");
  EXPECT_EQ(written("\xE2\x82"), "\"\\ufffd\\ufffd\"");
  EXPECT_EQ(written("\xF4\x90\x80\x80"), "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
}

TEST(AppendColumn, AppendsNumbersAndTexts) {
  std::string json = "{";
  append_column(json, "n", std::vector<std::int64_t>{-1, 2});
  json += ',';
  append_column(json, "t", std::vector<std::string>{"a<", ""});
  json += ',';
  append_column(json, "none", std::vector<int>{});
  EXPECT_EQ(json + "}", R"({"n":[-1,2],"t":["a\u003c",""],"none":[]})");
}

}  // namespace
}  // namespace cim::report
