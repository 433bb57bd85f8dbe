// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/filetime.h"

#include <chrono>
#include <limits>

#include <fmt/format.h>

namespace cim {
namespace {

constexpr std::uint64_t kTicksPerSecond = 10'000'000;
constexpr std::uint32_t kNanosecondsPerTick = 100;
constexpr std::int64_t kSecondsFrom1601To1970 = 11'644'473'600;
constexpr std::uint64_t kSecondsPerDay = 86'400;
// The Gregorian calendar repeats after 400 years, and 1601 is the first year of such a period.
constexpr std::uint64_t kDaysPerEra = 146'097;
constexpr std::uint64_t kYearsPerEra = 400;

struct Date {
  std::uint64_t year;
  unsigned month;
  unsigned day;
};

// std::chrono::year ends at 32767, but FILETIMEs reach the year 60056.
Date date_of(std::uint64_t days_since_1601) {
  using namespace std::chrono;
  const auto day_in_era = static_cast<int>(days_since_1601 % kDaysPerEra);
  const year_month_day in_era(sys_days(year(1601) / January / 1) + days(day_in_era));
  return {static_cast<std::uint64_t>(static_cast<int>(in_era.year())) +
              days_since_1601 / kDaysPerEra * kYearsPerEra,
          static_cast<unsigned>(in_era.month()), static_cast<unsigned>(in_era.day())};
}

}  // namespace

FileTime FileTime::now() {
  using namespace std::chrono;
  const auto since_1970 = system_clock::now().time_since_epoch();
  const auto whole = floor<seconds>(since_1970);
  const auto rest = duration_cast<nanoseconds>(since_1970 - whole);
  return from_unix({whole.count(), static_cast<std::uint32_t>(rest.count())}).value_or(FileTime{});
}

// 64 bits of 100 ns reach beyond the year 60000, and 1601 is 11,644,473,600 seconds before 1970.
std::optional<FileTime> FileTime::from_unix(UnixTime time) noexcept {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  constexpr auto kMaxSeconds = static_cast<std::int64_t>(kMax / kTicksPerSecond);
  if (time.nanoseconds > 999'999'999 || time.seconds < -kSecondsFrom1601To1970 ||
      time.seconds > kMaxSeconds - kSecondsFrom1601To1970) {
    return std::nullopt;
  }
  std::uint64_t fraction = time.nanoseconds / kNanosecondsPerTick;
  if (time.seconds < 0 && time.nanoseconds % kNanosecondsPerTick != 0) {
    ++fraction;  // rounds towards 1970
  }
  const auto seconds = static_cast<std::uint64_t>(time.seconds + kSecondsFrom1601To1970);
  const std::uint64_t whole = seconds * kTicksPerSecond;
  if (fraction > kMax - whole) {
    return std::nullopt;
  }
  return FileTime{whole + fraction};
}

// Nanoseconds count forward from a whole second, also before 1970.
UnixTime FileTime::to_unix() const noexcept {
  return {static_cast<std::int64_t>(ticks / kTicksPerSecond) - kSecondsFrom1601To1970,
          static_cast<std::uint32_t>(ticks % kTicksPerSecond) * kNanosecondsPerTick};
}

std::string FileTime::to_string() const {
  const std::uint64_t seconds = ticks / kTicksPerSecond;
  const Date date = date_of(seconds / kSecondsPerDay);
  const std::uint64_t in_day = seconds % kSecondsPerDay;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:07}Z", date.year, date.month, date.day,
                     in_day / 3600, in_day / 60 % 60, in_day % 60, ticks % kTicksPerSecond);
}

}  // namespace cim
