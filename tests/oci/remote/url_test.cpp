// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/url.h"

#include <string>

#include <gtest/gtest.h>

namespace cim::oci {
namespace {

std::string resolved(const char* base, const char* reference) {
  const auto url = Url::parse(base).value().resolve(reference);
  return url ? url->text() : "-";
}

TEST(Url, IsAbsoluteAndOfTheWeb) {
  EXPECT_EQ(Url::parse("HTTPS://Host.X:443/a?b#c")->origin(), "https://host.x:443");
  EXPECT_EQ(Url::parse("https://h.x/a?b=c#d")->text(), "https://h.x/a?b=c");
  for (const char* text :
       {"", "h.x/a", "/a", "ftp://h.x/", "file:///etc/passwd", "https://", "https://u:p@h.x/",
        "https://u@h.x/", "https://h.x/a b", "https://h.x/\n", "https://h.x:99999/", "javascript:x",
        "https://h.x\\@y/"}) {
    EXPECT_FALSE(Url::parse(text)) << text;
  }
  EXPECT_FALSE(Url::parse("https://h.x/" + std::string(20000, 'x')));
}

TEST(Url, ResolvesReferences) {
  EXPECT_EQ(resolved("https://h.x/v2/a/b?c", "/d"), "https://h.x/d");
  EXPECT_EQ(resolved("https://h.x/v2/a/b", "c?d"), "https://h.x/v2/a/c?d");
  EXPECT_EQ(resolved("https://h.x/v2/", "//other.x/a"), "https://other.x/a");
  EXPECT_EQ(resolved("https://h.x/v2/", "http://other.x/a"), "http://other.x/a");
  EXPECT_EQ(resolved("https://h.x/v2/", "ftp://other.x/a"), "-");
  EXPECT_EQ(resolved("https://h.x/v2/", "https://u:p@other.x/a"), "-");
  EXPECT_EQ(resolved("https://h.x/v2/", ""), "-");
}

TEST(Url, HasAnOrigin) {
  const Url url = Url::parse("https://h.x/a").value();
  EXPECT_TRUE(url.has_same_origin(Url::parse("https://H.X:443/b").value()));
  EXPECT_FALSE(url.has_same_origin(Url::parse("http://h.x/a").value()));
  EXPECT_FALSE(url.has_same_origin(Url::parse("https://h.x:444/a").value()));
  EXPECT_FALSE(url.has_same_origin(Url::parse("https://h.x.y/a").value()));
}

TEST(Url, IsLoopbackByAddressOnly) {
  for (const char* text : {"http://localhost/", "http://LocalHost:1/", "http://127.0.0.1/",
                           "http://127.9.9.9/", "http://[::1]:5/", "http://127.1/"}) {
    EXPECT_TRUE(Url::parse(text)->is_loopback()) << text;
  }
  for (const char* text : {"http://127.0.0.1.x/", "http://128.0.0.1/", "http://localhost.x/",
                           "http://[::2]/", "http://127.x/", "http://0.0.0.0/"}) {
    EXPECT_FALSE(Url::parse(text)->is_loopback()) << text;
  }
}

TEST(Url, GetsEncodedParameters) {
  const Url url = Url::parse("https://h.x/token?a=b").value();
  EXPECT_EQ(url.with_parameter("scope", "repository:a/b:pull,push&x=#").text(),
            "https://h.x/token?a=b&scope=repository%3aa%2fb%3apull%2cpush%26x%3d%23");
  EXPECT_EQ(percent_encoded("a b+\xFF~"), "a%20b%2B%FF~");
}

}  // namespace
}  // namespace cim::oci
