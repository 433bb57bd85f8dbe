// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// FILETIME, the Windows representation of a time.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cimlib/export.h"

namespace cim {

/// A time as seconds and nanoseconds (0…999,999,999) since 1970-01-01T00:00:00Z. Seconds may be
/// negative.
struct UnixTime {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;

  auto operator<=>(const UnixTime&) const = default;
};

/// A time as an unsigned number of 100 ns ticks since 1601-01-01T00:00:00Z ([MS-DTYP] 2.3.3).
struct CIM_EXPORT FileTime {
  std::uint64_t ticks = 0;

  auto operator<=>(const FileTime&) const = default;

  /// Returns the current time.
  static FileTime now();

  /// Converts, rounding towards 1970 to whole ticks as other writers of Windows layers do. Returns
  /// nullopt for times before 1601, times that do not fit into 64 bits and nanoseconds above
  /// 999,999,999.
  static std::optional<FileTime> from_unix(UnixTime time) noexcept;

  /// Converts exactly, for every value from 1601 to the year 60056.
  UnixTime to_unix() const noexcept;

  /// Returns "2020-09-13T12:26:40.1234567Z", always with seven fractional digits.
  std::string to_string() const;
};

/// The four times of a file, in the order in which CIM stores them (docs/format.md).
struct FileTimes {
  FileTime creation;
  FileTime last_write;
  FileTime change;  ///< of data or metadata
  FileTime last_access;

  auto operator<=>(const FileTimes&) const = default;
};

}  // namespace cim
