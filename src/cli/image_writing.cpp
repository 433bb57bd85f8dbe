// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/image_writing.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include "cimlib/host_path.h"

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

void image_option(Parameters& parameters, LayerPathOptions& options) {
  parameters.option("--image", "IMAGE",
                    "the layer's image, if it is not in the directory cim-layers next to the "
                    "layer's",
                    &options.image, Completes::kFiles);
}

void parent_image_option(Parameters& parameters, LayerPathOptions& options) {
  parameters.option("--parent-image", "IMAGE",
                    "the image of a parent, if it is not in the directory cim-layers next to the "
                    "parent's; given as often as --parent and in the same order, or not at all",
                    &options.parent_images, Completes::kFiles);
}

layer::LayerPaths layer_paths(const std::string& directory, const LayerPathOptions& options) {
  return {host_path(directory), options.image ? host_path(*options.image) : ""};
}

std::vector<layer::LayerPaths> parent_paths(const LayerPathOptions& options) {
  std::vector<std::filesystem::path> directories;
  std::ranges::transform(options.parents, std::back_inserter(directories), host_path);
  return parent_paths(directories, options);
}

std::vector<layer::LayerPaths> parent_paths(const std::vector<std::filesystem::path>& directories,
                                            const LayerPathOptions& options) {
  const std::size_t images = options.parent_images.size();
  if (images != 0 && images != directories.size()) {
    throw UsageError{fmt::format("--parent-image must be given once for each of the {}",
                                 counted(directories.size(), "parent", "parents"))};
  }
  std::vector<layer::LayerPaths> paths;
  for (std::size_t i = 0; i < directories.size(); ++i) {
    paths.emplace_back(directories[i], images == 0 ? "" : host_path(options.parent_images[i]));
  }
  return paths;
}

void made_times_option(Parameters& parameters, std::optional<std::string>& times) {
  parameters.option("--made-times", "TIME",
                    "give files that the import creates, such as merged hives, the present time or "
                    "zero, as newer versions of hcsshim do (default: now)",
                    &times, Completes::kNothing, {"now", "zero"});
}

layer::MadeTimes made_times(const std::optional<std::string>& times) {
  return times == "zero" ? layer::MadeTimes::kZero : layer::MadeTimes::kNow;
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
