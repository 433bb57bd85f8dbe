// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The contents of a hive in the form of the corpus's truth files: one JSON object for each key.

#include <map>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "cimlib/hive.h"

namespace cim::test {

/// Keyed by the key's path below the root.
using HiveTruth = std::map<std::string, nlohmann::json>;

HiveTruth truth_of(const registry::Hive& hive);

/// Reads a file of lines like {"key":"A\\B","time":…,"values":[[name,type,size,data],…]}.
HiveTruth read_truth(const std::filesystem::path& path);

/// Expects equal contents, and names the keys that differ.
void expect_same_truth(const HiveTruth& due, const HiveTruth& found, const std::string& name);

/// Returns the directory in CIMLIB_CORPUS, which the corpus generator created; nullopt if it is
/// unset.
std::optional<std::filesystem::path> corpus();

/// Returns the bytes of one member of a tar in the corpus.
std::vector<std::byte> corpus_member(const std::string& tar, const std::string& member);

/// Returns the output of a command; nullopt if it fails.
std::optional<std::string> output_of(const std::string& command);

}  // namespace cim::test
