// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What a hive shows, in the form of the corpus's truth files: one JSON object for each key.

#include <map>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "cimlib/hive.h"

namespace cim::test {

/// By path of the key, below the root.
using HiveTruth = std::map<std::string, nlohmann::json>;

HiveTruth truth_of(const registry::Hive& hive);

/// Reads a file of lines like {"key":"A\\B","time":…,"values":[[name,type,size,data],…]}.
HiveTruth read_truth(const std::filesystem::path& path);

/// Expects both to say the same and names the keys that differ.
void expect_same_truth(const HiveTruth& due, const HiveTruth& found, const std::string& name);

/// The directory that CIMLIB_CORPUS names, made by the corpus generator.
std::optional<std::filesystem::path> corpus();

/// The bytes of one member of a tar of the corpus.
std::vector<std::byte> corpus_member(const std::string& tar, const std::string& member);

/// What a command prints; nothing if it fails.
std::optional<std::string> output_of(const std::string& command);

}  // namespace cim::test
