// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// FILETIME: time as Windows counts it.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cimlib/export.h"

namespace cim {

/// Seconds and nanoseconds (0…999,999,999) since 1970-01-01T00:00:00Z; the seconds may be negative.
struct UnixTime {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;

  auto operator<=>(const UnixTime&) const = default;
};

/// Units of 100 ns since 1601-01-01T00:00:00Z, unsigned ([MS-DTYP] 2.3.3).
struct CIM_EXPORT FileTime {
  std::uint64_t ticks = 0;

  auto operator<=>(const FileTime&) const = default;

  /// The present time.
  static FileTime now();

  /// Exact in whole ticks; what is less than a tick is cut off towards 1970, as other writers of
  /// Windows layers do. Nothing before 1601, past what 64 bits hold, or for nanoseconds that make a
  /// second.
  static std::optional<FileTime> from_unix(UnixTime time) noexcept;

  /// Exact for every value: from 1601 to the year 60056.
  UnixTime to_unix() const noexcept;

  /// "2020-09-13T12:26:40.1234567Z"; always seven digits of fraction.
  std::string to_string() const;
};

/// The four times of a file, in the order in which CIM keeps them (docs/format.md).
struct FileTimes {
  FileTime creation;
  FileTime last_write;
  FileTime change;
  FileTime last_access;

  auto operator<=>(const FileTimes&) const = default;
};

}  // namespace cim
