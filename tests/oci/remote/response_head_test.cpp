// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/response_head.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "expect_error.h"

namespace cim::oci {
namespace {

using Values = std::vector<std::string>;

void add(ResponseHead& head, unsigned status, std::initializer_list<std::string_view> lines) {
  for (const std::string_view line : lines) {
    head.add(std::string(line) + "\r\n", status, "GET x");
  }
}

TEST(ResponseHead, HasAStatusAndHeadersOfAnyCase) {
  ResponseHead head;
  add(head, 404, {"HTTP/1.1 404 Not Found", "Content-TYPE:  text/x ", "Link: a", "LINK: b", "odd"});
  EXPECT_FALSE(head.is_complete());
  add(head, 404, {""});
  EXPECT_TRUE(head.is_complete());
  EXPECT_EQ(head.status(), 404U);
  EXPECT_EQ(head.value("content-type"), "text/x");
  EXPECT_EQ(head.value("link"), "a");
  EXPECT_EQ(head.values("link"), (Values{"a", "b"}));
  EXPECT_EQ(head.value("odd"), "");
  EXPECT_EQ(head.values("odd"), Values());
}

TEST(ResponseHead, IgnoresInterimResponsesAndTrailers) {
  ResponseHead head;
  add(head, 103, {"HTTP/1.1 103 Early Hints", "Link: early", ""});
  EXPECT_FALSE(head.is_complete());
  add(head, 200, {"HTTP/1.1 200 OK", "Link: final", "", "Link: trailer"});
  EXPECT_TRUE(head.is_complete());
  EXPECT_EQ(head.status(), 200U);
  EXPECT_EQ(head.values("link"), Values{"final"});
}

TEST(ResponseHead, HasALimit) {
  ResponseHead head;
  const std::string line(1000, 'x');
  test::expect_error(ErrorCode::kCorrupt, "GET x: the headers of the response are too long", [&] {
    for (int i = 0; i < 100; ++i) {
      add(head, 200, {line});
    }
  });
}

}  // namespace
}  // namespace cim::oci
