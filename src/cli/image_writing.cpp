// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/image_writing.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include "cli/text_output.h"

namespace cim::cli {

void wait_option(Parameters& parameters, std::optional<std::uint64_t>& seconds) {
  parameters.option("--wait", "SECONDS",
                    "wait this long for other processes that use the directory before failing",
                    &seconds);
}

std::chrono::milliseconds lock_timeout(std::optional<std::uint64_t> seconds,
                                       std::chrono::milliseconds otherwise) {
  constexpr std::uint64_t kMost = 1'000'000'000;  // more than 30 years, without overflow
  return seconds ? std::chrono::seconds(std::min(*seconds, kMost)) : otherwise;
}

void writing_options(Parameters& parameters, WritingOptions& options) {
  parameters.flag("--plain-executables",
                  "store executables as plain files, not in their memory-mapped layout",
                  options.plain_pe);
  parameters.flag("--reproducible", "write identical files for identical input",
                  options.is_reproducible);
  wait_option(parameters, options.wait_seconds);
}

void apply(const WritingOptions& options, std::chrono::milliseconds otherwise,
           WriterOptions& writer) {
  writer.pe_expansion = options.plain_pe ? PeExpansion::kPlain : PeExpansion::kExpand;
  writer.reproducible = options.is_reproducible;
  writer.lock_timeout = lock_timeout(options.wait_seconds, otherwise);
}

void import_limit_options(Parameters& parameters, ImportLimitOptions& options) {
  parameters.option("--max-size", "BYTES",
                    "import at most this many uncompressed bytes in all; accepts the "
                    "suffixes K, M, G and T, in powers of 1024 (default: 1T)",
                    &options.size);
  parameters.option("--max-entries", "COUNT",
                    "import at most this many entries in all (default: 16777216)",
                    &options.entries);
}

std::optional<std::uint64_t> parse_byte_count(std::string_view text) {
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

void apply(const ImportLimitOptions& options, layer::ImportLimits& limits) {
  if (options.size) {
    const auto size = parse_byte_count(*options.size);
    if (!size) {
      throw UsageError{fmt::format("--max-size: '{}' is not a number of bytes", *options.size)};
    }
    limits.size = *size;
  }
  limits.entries = options.entries.value_or(limits.entries);
}

std::string content_text(const layer::ImportResult& result) {
  return fmt::format("{} with {}", counted(result.entries, "entry", "entries"),
                     readable_size(result.size));
}

std::string storage_text(const CommitSummary& image) {
  return fmt::format("{} stored, {} saved", readable_size(image.stored_bytes),
                     readable_size(image.deduplicated_bytes));
}

void put_import(Json& object, const layer::ImportResult& result) {
  object["entries"] = result.entries;
  object["size"] = result.size;
  object["tar_size"] = result.tar_size;
  object["diff_id"] = result.diff_id;
  object["files"] = result.image.files;
  put_storage(object, result.image);
}

void put_storage(Json& object, const CommitSummary& image) {
  object["stored_bytes"] = image.stored_bytes;
  object["deduplicated_bytes"] = image.deduplicated_bytes;
}

}  // namespace cim::cli
