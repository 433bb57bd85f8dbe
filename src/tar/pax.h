// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// PAX extended headers (POSIX.1-2001): records "LENGTH KEY=VALUE\n", where LENGTH is that of the
// whole record.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/filetime.h"

namespace cim::tar {

/// A record; both views refer to the text of the header.
struct PaxRecord {
  std::string_view key;
  std::string_view value;
};

/// The records of an extended header. Owns the text that they refer to; reuses its memory.
class PaxRecords {
 public:
  PaxRecords() = default;
  PaxRecords(const PaxRecords&) = delete;
  PaxRecords& operator=(const PaxRecords&) = delete;

  void clear() noexcept;

  /// Returns space for a header of `size` bytes, to be filled before parse().
  std::span<char> prepare(std::size_t size);

  /// Parses the prepared text. Returns what is wrong with it; empty if nothing is.
  std::string_view parse();

  /// Returns the records in the order of the header; keys may be repeated.
  std::span<const PaxRecord> all() const noexcept { return records_; }

  /// Returns the last value of a key.
  std::optional<std::string_view> find(std::string_view key) const noexcept;

  /// Returns the last value of a key defined by POSIX; nullopt also if it is empty, which means
  /// that the header's own field applies.
  std::optional<std::string_view> find_standard(std::string_view key) const noexcept;

 private:
  std::string text_;
  std::vector<PaxRecord> records_;
};

/// Parses a time: "-" if before 1970, digits, and optionally a point and a fraction, of which nine
/// digits count. Nullopt for any other text and for seconds that exceed 64 bits.
std::optional<UnixTime> parse_pax_time(std::string_view text) noexcept;

/// Parses a decimal number; nullopt unless it consists of digits only and fits.
std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept;

/// Appends a record to the text of an extended header. The key must not contain "=".
void append_pax_record(std::string& text, std::string_view key, std::string_view value);

/// Formats a time for parse_pax_time(): without trailing zeros in the fraction, and without a
/// fraction if it is zero.
std::string format_pax_time(UnixTime time);

}  // namespace cim::tar
