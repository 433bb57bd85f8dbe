// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// PAX extended headers (POSIX.1-2001): records "LENGTH KEY=VALUE\n", LENGTH counting all of the
// record.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/filetime.h"

namespace cim::tar {

struct PaxRecord {
  std::string_view key;
  std::string_view value;
};

/// The records of one extended header. Holds the text that they are views of, and uses its memory
/// again.
class PaxRecords {
 public:
  PaxRecords() = default;
  PaxRecords(const PaxRecords&) = delete;
  PaxRecords& operator=(const PaxRecords&) = delete;

  void clear() noexcept;

  /// Room for a header of `size` bytes, to be filled before parse().
  std::span<char> prepare(std::size_t size);

  /// Reads the prepared text. Returns what is wrong with it, or an empty text.
  std::string_view parse();

  /// In the order of the header; a key may occur again.
  std::span<const PaxRecord> all() const noexcept { return records_; }

  /// The last value of a key.
  std::optional<std::string_view> find(std::string_view key) const noexcept;

  /// The same for a key of POSIX, whose empty value means that the header's own field holds.
  std::optional<std::string_view> find_standard(std::string_view key) const noexcept;

 private:
  std::string text_;
  std::vector<PaxRecord> records_;
};

/// A time as text: "-" if it is before 1970, digits, and perhaps a point and a fraction of which
/// nine digits count. Nothing for any other text or for seconds past 64 bits.
std::optional<UnixTime> parse_pax_time(std::string_view text) noexcept;

/// A decimal number of digits alone, or nothing.
std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept;

/// Appends a record to the text of an extended header. The key has no "=" in it.
void append_pax_record(std::string& text, std::string_view key, std::string_view value);

/// The time as parse_pax_time() reads it: without a fraction if there is none, else without zeros
/// at its end.
std::string format_pax_time(UnixTime time);

}  // namespace cim::tar
