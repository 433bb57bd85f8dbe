// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/progress_bar.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/run_cim.h"
#include "cli/text_output.h"

namespace cim::cli::test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr std::chrono::seconds kTwo{2};

TEST(ProgressLine, ShowsShareRateAndTimeLeft) {
  const Progress half{
      .bytes_done = 50 << 20, .bytes_total = 100 << 20, .entries_done = 1234, .current = {}};
  EXPECT_EQ(progress_line("importing", half, kTwo, {.is_terminal = true, .width = 100}),
            "importing  [##########..........]   50%  50.0 MiB of 100.0 MiB  25.0 MiB/s  "
            "1,234 entries  2 s left");
}

TEST(ProgressLine, WithoutATotalShowsWhatIsDone) {
  const Progress some{.bytes_done = 1 << 20, .bytes_total = {}, .entries_done = 1, .current = {}};
  EXPECT_EQ(progress_line("importing", some, kTwo, {.is_terminal = true}),
            "importing  1.0 MiB  512.0 KiB/s  1 entry");
}

TEST(ProgressLine, DrawsBlocksWhereTheLocaleHasThem) {
  const Progress half{.bytes_done = 5, .bytes_total = 10, .entries_done = 0, .current = {}};
  EXPECT_THAT(progress_line("x", half, kTwo, {.is_terminal = true, .is_utf8 = true}),
              HasSubstr("███░░"));
  const std::string ascii = progress_line("x", half, kTwo, {.is_terminal = true});
  EXPECT_TRUE(std::ranges::all_of(ascii, [](char c) { return c >= ' ' && c <= '~'; }));
}

TEST(ProgressLine, NeverReachesTheLastColumn) {
  const Progress much{.bytes_done = UINT64_MAX / 3,
                      .bytes_total = UINT64_MAX,
                      .entries_done = UINT64_MAX,
                      .current = {}};
  for (std::size_t width = 1; width < 150; ++width) {
    const Terminal terminal{.is_terminal = true, .is_utf8 = true, .width = width};
    EXPECT_LT(columns_of(progress_line("extracting", much, kTwo, terminal)), width);
  }
}

TEST(ProgressLine, ToleratesMoreBytesThanAnnounced) {
  const Progress more{.bytes_done = 30, .bytes_total = 10, .entries_done = 0, .current = {}};
  EXPECT_THAT(progress_line("x", more, kTwo, {.is_terminal = true}), HasSubstr("100%"));
  const Progress none{.bytes_done = 3, .bytes_total = 0, .entries_done = 0, .current = {}};
  EXPECT_THAT(progress_line("x", none, kTwo, {.is_terminal = true}), HasSubstr("3 B of 0 B"));
}

class ProgressBarTest : public testing::Test {
 protected:
  Environment environment(const Terminal& terminal) {
    return {.output = output_,
            .errors = errors_,
            .output_terminal = {},
            .errors_terminal = terminal,
            .now = [this] { return now_; }};
  }

  StringSink output_;
  StringSink errors_;
  std::chrono::steady_clock::time_point now_;
};

TEST_F(ProgressBarTest, IsDrawnAtMostTenTimesASecond) {
  Console console(environment({.is_terminal = true}));
  ProgressBar bar(console, "importing");
  for (int i = 0; i < 1000; ++i) {
    bar.update({.bytes_done = 1, .bytes_total = {}, .entries_done = 0, .current = {}});
    now_ += milliseconds(1);
  }
  EXPECT_EQ(std::ranges::count(errors_.text, '\r'), 10);
}

TEST_F(ProgressBarTest, LeavesNothingOnTheTerminal) {
  Console console(environment({.is_terminal = true}));
  {
    ProgressBar bar(console, "importing");
    bar.update({.bytes_done = 1, .bytes_total = {}, .entries_done = 0, .current = {}});
  }
  const std::size_t shown = errors_.text.find('\r', 1) - 1;
  EXPECT_TRUE(errors_.text.ends_with("\r" + std::string(shown, ' ') + "\r"));
}

TEST_F(ProgressBarTest, HasNoSinkIfNothingIsShown) {
  Console console(environment({}));
  EXPECT_FALSE(ProgressBar(console, "importing").sink());
  Console quiet(environment({.is_terminal = true}));
  quiet.set_verbosity(Verbosity::kQuiet);
  EXPECT_FALSE(ProgressBar(quiet, "importing").sink());
}

}  // namespace
}  // namespace cim::cli::test
