// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "os/base64.h"

#include <gtest/gtest.h>

namespace cim {
namespace {

using namespace std::string_view_literals;

std::string decoded(std::string_view text) {
  const auto bytes = decode_base64(text);
  return bytes ? std::string(as_text(*bytes)) : "refused";
}

// RFC 4648, section 10.
TEST(Base64, DecodesTheVectorsOfTheRfc) {
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("Zg=="), "f");
  EXPECT_EQ(decoded("Zm8="), "fo");
  EXPECT_EQ(decoded("Zm9v"), "foo");
  EXPECT_EQ(decoded("Zm9vYg=="), "foob");
  EXPECT_EQ(decoded("Zm9vYmE="), "fooba");
  EXPECT_EQ(decoded("Zm9vYmFy"), "foobar");
}

TEST(Base64, DecodesEveryDigit) {
  EXPECT_EQ(decoded("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
            "\x00\x10\x83\x10\x51\x87\x20\x92\x8B\x30\xD3\x8F\x41\x14\x93\x51\x55\x97\x61\x96\x9B"
            "\x71\xD7\x9F\x82\x18\xA3\x92\x59\xA7\xA2\x9A\xAB\xB2\xDB\xAF\xC3\x1C\xB3\xD3\x5D\xB7"
            "\xE3\x9E\xBB\xF3\xDF\xBF"sv);
}

TEST(Base64, EncodesWhatItDecodes) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    std::string text;
    append_base64(text, as_bytes(bytes));
    EXPECT_EQ(decoded(text), bytes);
    bytes += static_cast<char>(i * 7);
  }
  std::string text = "x";
  append_base64(text, as_bytes("fo"));
  EXPECT_EQ(text, "xZm8=");
}

TEST(Base64, IgnoresLineBreaksAsGoDoes) {
  for (const auto text : {"Zm9v\n"sv, "\r\nZm9v"sv, "Z\nm\r9\r\nv"sv}) {
    EXPECT_EQ(decoded(text), "foo") << text;
  }
  EXPECT_EQ(decoded("Zg\n=\n="), "f");
  EXPECT_EQ(decoded("\n\n\n\n"), "");
}

TEST(Base64, RefusesEverythingElse) {
  for (const auto text : {"Z"sv, "Zg"sv, "Zg="sv, "Zg==="sv, "===="sv, "Z==="sv, "Zg==Zg=="sv,
                          "Zm9v="sv, "=m9v"sv, "Zm=v"sv, " Zm9v"sv, "Zm9v    "sv, "Zm 9v"sv,
                          "Zm9\n"sv, "Zm9v\t"sv, "Zm9-"sv, "Zm9_"sv, "Zm9\0"sv, "Zm9\xFF"sv}) {
    EXPECT_EQ(decoded(text), "refused") << text;
  }
}

}  // namespace
}  // namespace cim
