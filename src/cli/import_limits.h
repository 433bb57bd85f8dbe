// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The options that limit the size of a layer, for all verbs that import layers.

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "cimlib/layer.h"

#include "cli/verb.h"

namespace cim::cli {

struct ImportLimitOptions {
  std::optional<std::string> size;
  std::optional<std::uint64_t> entries;
};

inline void import_limit_options(Parameters& parameters, ImportLimitOptions& options) {
  parameters.option("--max-size", "BYTES",
                    "import at most this many uncompressed bytes in all; accepts the "
                    "suffixes K, M, G and T, in powers of 1024 (default: 1T)",
                    &options.size);
  parameters.option("--max-entries", "COUNT",
                    "import at most this many entries in all (default: 16777216)",
                    &options.entries);
}

/// Returns the number of bytes for "512", "20G" or "1t"; nullopt for anything else.
inline std::optional<std::uint64_t> parse_byte_count(std::string_view text) {
  std::uint64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, count);
  if (parsed.ec != std::errc()) {
    return std::nullopt;
  }
  const std::string_view unit(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
  if (unit.empty()) {
    return count;
  }
  constexpr std::string_view kUnits = "KMGTkmgt";
  const std::size_t place = unit.size() == 1 ? kUnits.find(unit.front()) : kUnits.npos;
  if (place == kUnits.npos) {
    return std::nullopt;
  }
  const std::size_t shift = 10 * (place % 4 + 1);
  return count > std::numeric_limits<std::uint64_t>::max() >> shift ? std::nullopt
                                                                    : std::optional(count << shift);
}

inline void apply(const ImportLimitOptions& options, layer::ImportLimits& limits) {
  if (options.size) {
    const auto size = parse_byte_count(*options.size);
    if (!size) {
      throw UsageError{fmt::format("--max-size: '{}' is not a number of bytes", *options.size)};
    }
    limits.size = *size;
  }
  limits.entries = options.entries.value_or(limits.entries);
}

}  // namespace cim::cli
