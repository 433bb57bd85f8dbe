// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/response_headers.h"

#include <chrono>

#include <gtest/gtest.h>

namespace cim::oci {
namespace {

using std::chrono::seconds;

TEST(ContentRange, IsARangeOfBytes) {
  EXPECT_EQ(parse_content_range("bytes 5-9/10"),
            (ContentRange{.first = 5, .last = 9, .total = 10}));
  EXPECT_EQ(parse_content_range(" bytes 0-0/* "),
            (ContentRange{.first = 0, .last = 0, .total = std::nullopt}));
  for (const char* text : {"", "bytes", "bytes */10", "bytes 5-4/10", "bytes 0-10/10", "bytes 0-1",
                           "items 0-1/2", "bytes -1/2", "bytes 0-/2", "bytes 0x1-2/3",
                           "bytes 0-1/2/3", "bytes 1/2-3", "bytes 0-99999999999999999999/*"}) {
    EXPECT_FALSE(parse_content_range(text)) << text;
  }
}

TEST(NextLink, IsTheOneWithThatRelation) {
  EXPECT_EQ(next_link(R"(</v2/a/tags/list?last=x&n=1>; rel="next")"), "/v2/a/tags/list?last=x&n=1");
  EXPECT_EQ(next_link("<a>; rel=prev, <b>; title=x; rel=next"), "b");
  for (const char* text :
       {"", "<a>", "<a; rel=next", "a>; rel=next", R"(<a>; rel="prev")", R"(<a>; rel="nextx")"}) {
    EXPECT_FALSE(next_link(text)) << text;
  }
}

TEST(RetryAfter, IsATimeOrADate) {
  const auto now = std::chrono::sys_days(std::chrono::year(1994) / 11 / 6) + std::chrono::hours(8) +
                   std::chrono::minutes(49);
  EXPECT_EQ(parse_retry_after("0", now), seconds(0));
  EXPECT_EQ(parse_retry_after(" 120 ", now), seconds(120));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), seconds(37));
  EXPECT_EQ(parse_retry_after("Sat, 05 Nov 1994 08:49:37 GMT", now), seconds(0));
  EXPECT_GT(parse_retry_after("18446744073709551615", now), seconds(1000));
  for (const char* text : {"", "-1", "1.5", "soon", "Sun, 06 Xyz 1994 08:49:37 GMT",
                           "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
                           "Sunday, 06-Nov-94 08:49:37 GMT", "99999999999999999999"}) {
    EXPECT_FALSE(parse_retry_after(text, now)) << text;
  }
}

TEST(MediaType, HasNoParameters) {
  EXPECT_EQ(media_type_of("Application/JSON ; charset=utf-8"), "application/json");
  EXPECT_EQ(media_type_of(""), "");
}

}  // namespace
}  // namespace cim::oci
