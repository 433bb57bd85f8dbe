// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/console.h"

#include <gtest/gtest.h>

#include "cli/run_cim.h"

namespace cim::cli::test {
namespace {

struct Streams {
  StringSink output;
  StringSink errors;

  Environment environment(Terminal errors_terminal = {}) {
    return {.output = output,
            .errors = errors,
            .output_terminal = {},
            .errors_terminal = errors_terminal};
  }
};

TEST(Console, BuffersTextUntilFlushed) {
  Streams streams;
  Console console(streams.environment());
  console.print("{} {}\n", "a", 1);
  EXPECT_EQ(streams.output.text, "");
  console.flush();
  EXPECT_EQ(streams.output.text, "a 1\n");
}

TEST(Console, KeepsTheOrderOfTextAndBytes) {
  Streams streams;
  Console console(streams.environment());
  console.print("text ");
  console.write(std::as_bytes(std::span("bytes", 5)));
  EXPECT_EQ(streams.output.text, "text bytes");
}

TEST(Console, MessagesStayOneLine) {
  Streams streams;
  Console console(streams.environment());
  console.error("a\nb\x1b[2J");
  EXPECT_EQ(streams.errors.text, "cim: a\\x0ab\\x1b[2J\n");
}

TEST(Console, QuietKeepsErrors) {
  Streams streams;
  Console console(streams.environment());
  console.set_verbosity(Verbosity::kQuiet);
  console.warn("w");
  console.inform("i");
  console.explain("e");
  console.error("broken");
  EXPECT_EQ(streams.errors.text, "cim: broken\n");
}

TEST(Console, VerbosePrintsMoreMessages) {
  Streams streams;
  Console console(streams.environment());
  console.explain("not yet");
  console.set_verbosity(Verbosity::kVerbose);
  console.explain("e");
  EXPECT_EQ(streams.errors.text, "e\n");
}

TEST(Console, ShowsStatusOnlyOnATerminal) {
  Streams streams;
  Console console(streams.environment());
  console.show_status("50%");
  console.clear_status();
  EXPECT_EQ(streams.errors.text, "");
}

TEST(Console, AShorterStatusReplacesTheLongerOne) {
  Streams streams;
  Console console(streams.environment({.is_terminal = true}));
  console.show_status("abcd");
  console.show_status("x");
  EXPECT_EQ(streams.errors.text, "\rabcd\rx   ");
}

TEST(Console, MessagesClearTheStatusFirst) {
  Streams streams;
  Console console(streams.environment({.is_terminal = true}));
  console.show_status("abc");
  console.warn("odd");
  EXPECT_EQ(streams.errors.text, "\rabc\r   \rcim: warning: odd\n");
}

}  // namespace
}  // namespace cim::cli::test
