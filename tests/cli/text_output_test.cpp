// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/text_output.h"

#include <gtest/gtest.h>

namespace cim::cli {
namespace {

TEST(EscapeControls, KeepsOrdinaryText) {
  EXPECT_EQ(escape_controls("Zürich 東京 😀 a\\b"), "Zürich 東京 😀 a\\b");
}

TEST(EscapeControls, EscapesControlCharacters) {
  EXPECT_EQ(escape_controls("\x1b[31m\t\x7f"), "\\x1b[31m\\x09\\x7f");
  EXPECT_EQ(escape_controls("\xc2\x9b"), "\\u009b");  // CSI as one character
  EXPECT_EQ(escape_controls("\xe2\x80\xae"
                            "exe"),
            "\\u202eexe");                                // right to left
  EXPECT_EQ(escape_controls("\xe2\x80\xa8"), "\\u2028");  // line separator
}

TEST(EscapeControls, EscapesLoneSurrogatesAndInvalidUtf8) {
  EXPECT_EQ(escape_controls("a\xed\xa0\x80z"), "a\\ud800z");
  EXPECT_EQ(escape_controls("\xff\xc0\x80"), "\\xff\\xc0\\x80");
  EXPECT_EQ(escape_controls("\xe2\x80"), "\\xe2\\x80");
  EXPECT_EQ(escape_controls("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}

TEST(Shown, EscapesOnlyForTerminals) {
  EXPECT_EQ(shown("\x01", {.is_terminal = true}), "\\x01");
  EXPECT_EQ(shown("\x01", {}), "\x01");
}

TEST(ReadableSize, UsesBinaryUnits) {
  EXPECT_EQ(readable_size(0), "0 B");
  EXPECT_EQ(readable_size(1023), "1023 B");
  EXPECT_EQ(readable_size(1536), "1.5 KiB");
  EXPECT_EQ(readable_size((1ULL << 20) - 1), "1.0 MiB");
  EXPECT_EQ(readable_size(UINT64_MAX), "16.0 EiB");
}

TEST(Grouped, PutsCommasBetweenThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(UINT64_MAX), "18,446,744,073,709,551,615");
}

TEST(Counted, ChoosesTheWord) {
  EXPECT_EQ(counted(1, "file", "files"), "1 file");
  EXPECT_EQ(counted(0, "file", "files"), "0 files");
}

TEST(Wrapped, BreaksAtSpacesAndIndents) {
  EXPECT_EQ(wrapped("aaa bbb ccc", 9, 2), "  aaa bbb\n  ccc");
  EXPECT_EQ(wrapped("unbreakable x", 6, 0), "unbreakable\nx");
  EXPECT_EQ(wrapped("one\n\ntwo", 20, 1), " one\n\n two");
}

}  // namespace
}  // namespace cim::cli
