// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by the verbs that write images: their options, and their reports of success.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/image_writer.h"
#include "cimlib/layer.h"

#include "cli/json_output.h"
#include "cli/verb.h"

namespace cim::cli {

/// The option --wait of verbs that write to a directory of images that other processes may be
/// using.
void wait_option(Parameters& parameters, std::optional<std::uint64_t>& seconds);

/// Returns the verb's default if the option was not given.
std::chrono::milliseconds lock_timeout(std::optional<std::uint64_t> seconds,
                                       std::chrono::milliseconds otherwise = {});

/// The options of all verbs that write images.
struct WritingOptions {
  bool plain_pe = false;
  bool is_reproducible = false;
  std::optional<std::uint64_t> wait_seconds;
};

void writing_options(Parameters& parameters, WritingOptions& options);

/// `otherwise` is the verb's default for --wait.
void apply(const WritingOptions& options, std::chrono::milliseconds otherwise,
           WriterOptions& writer);

/// The options that name a layer's image and its parents.
struct LayerPathOptions {
  std::optional<std::string> image;
  std::vector<std::string> parents;
  std::vector<std::string> parent_images;
};

void image_option(Parameters& parameters, LayerPathOptions& options);
void parent_image_option(Parameters& parameters, LayerPathOptions& options);

/// Returns the paths of the layer in a directory.
layer::LayerPaths layer_paths(const std::string& directory, const LayerPathOptions& options);
/// Returns the paths of the parents that --parent gives.
std::vector<layer::LayerPaths> parent_paths(const LayerPathOptions& options);
/// Returns the paths of parents in these directories. Throws UsageError if only some of them have
/// an image.
std::vector<layer::LayerPaths> parent_paths(const std::vector<std::filesystem::path>& directories,
                                            const LayerPathOptions& options);

/// The option of all verbs that write layers: "now", the default, or "zero".
void made_times_option(Parameters& parameters, std::optional<std::string>& times);
layer::MadeTimes made_times(const std::optional<std::string>& times);

/// The options that limit the size of a layer, for all verbs that import layers.
struct ImportLimitOptions {
  std::optional<std::string> size;
  std::optional<std::uint64_t> entries;
};

void import_limit_options(Parameters& parameters, ImportLimitOptions& options);

/// Returns the number of bytes for "512", "20G" or "1t"; nullopt for anything else.
std::optional<std::uint64_t> parse_byte_count(std::string_view text);

/// Throws UsageError for a size that is not one.
void apply(const ImportLimitOptions& options, layer::ImportLimits& limits);

/// "14 entries with 2.5 MiB".
std::string content_text(const layer::ImportResult& result);
/// "1.0 MiB stored, 1.5 MiB saved".
std::string storage_text(const CommitSummary& image);

/// Adds the same facts as members, and the number of files in the image.
void put_import(Json& object, const layer::ImportResult& result);
/// Adds only the members for storage.
void put_storage(Json& object, const CommitSummary& image);

}  // namespace cim::cli
