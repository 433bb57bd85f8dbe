// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/progress_bar.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "cli/text_output.h"

namespace cim::cli {
namespace {

constexpr std::chrono::milliseconds kInterval{100};
constexpr std::size_t kLeastBarWidth = 10;
constexpr std::size_t kMostBarWidth = 30;

using Seconds = std::chrono::duration<double>;

// "45 s", "3:05" or "1:02:03"; rounded up, so that the time left reaches zero only at the end.
std::string shown_time(Seconds time) {
  const auto seconds = static_cast<std::uint64_t>(std::ceil(time.count()));
  if (seconds < 60) {
    return fmt::format("{} s", seconds);
  }
  if (seconds < 3600) {
    return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  }
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

// Between 0 and 1; 0 if the total is unknown.
double share_of(const Progress& progress) {
  if (!progress.bytes_total || *progress.bytes_total == 0) {
    return 0;
  }
  return std::min(
      static_cast<double>(progress.bytes_done) / static_cast<double>(*progress.bytes_total), 1.0);
}

// The parts of the line, most important first.
std::vector<std::string> facts(const Progress& progress, Seconds elapsed) {
  std::vector<std::string> facts;
  const double share = share_of(progress);
  std::string bytes = readable_size(progress.bytes_done);
  if (progress.bytes_total) {
    facts.push_back(fmt::format("{:3}%", static_cast<unsigned>(share * 100)));
    bytes += " of " + readable_size(*progress.bytes_total);
  }
  facts.push_back(bytes);
  // Earlier, the rate is not meaningful.
  const bool has_rate = elapsed >= Seconds(0.5) && progress.bytes_done > 0;
  if (has_rate) {
    const double rate = static_cast<double>(progress.bytes_done) / elapsed.count();
    facts.push_back(readable_size(static_cast<std::uint64_t>(rate)) + "/s");
  }
  facts.push_back(counted(progress.entries_done, "entry", "entries"));
  if (has_rate && share > 0) {
    facts.push_back(shown_time(elapsed * ((1 - share) / share)) + " left");
  }
  return facts;
}

// Block characters in UTF-8, number signs and points in ASCII.
std::string bar(double share, std::size_t width, const Terminal& terminal) {
  const std::string_view done = terminal.is_utf8 ? "█" : "#";
  const std::string_view open = terminal.is_utf8 ? "░" : ".";
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
  std::string text;
  for (std::size_t i = 0; i < width; ++i) {
    text += i < filled ? done : open;
  }
  return fmt::format("[{}]", text);
}

}  // namespace

std::string progress_line(std::string_view what, const Progress& progress, Seconds elapsed,
                          const Terminal& terminal) {
  // The last column is left empty: some terminals wrap when it is filled.
  const std::size_t width = terminal.width > 1 ? terminal.width - 1 : 0;
  std::string line(what.substr(0, width));
  std::string tail;
  for (const std::string& fact : facts(progress, elapsed)) {
    if (line.size() + tail.size() + 2 + fact.size() > width) {
      break;
    }
    tail += "  " + fact;
  }
  const std::size_t taken = line.size() + tail.size() + 4;
  if (progress.bytes_total && taken + kLeastBarWidth <= width) {
    line += "  " + bar(share_of(progress), std::min(width - taken, kMostBarWidth), terminal);
  }
  return line + tail;
}

ProgressBar::ProgressBar(Console& console, std::string_view what)
    : console_(console), what_(what), start_(console.now()) {}

void ProgressBar::update(const Progress& progress) {
  if (!console_.shows_status()) {
    return;
  }
  const auto now = console_.now();
  // Writing to a terminal is slow, and faster changes could not be read.
  if (shown_ && now - *shown_ < kInterval) {
    return;
  }
  shown_ = now;
  console_.show_status(progress_line(what_, progress, now - start_, console_.errors_terminal()));
}

ProgressSink ProgressBar::sink() {
  if (!console_.shows_status()) {
    return {};
  }
  return [this](const Progress& progress) { update(progress); };
}

}  // namespace cim::cli
