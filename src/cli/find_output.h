// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The forms in which `cim find` prints what it finds.

#include <memory>
#include <optional>
#include <string>

#include "cimlib/find.h"

#include "cli/console.h"

namespace cim::cli {

/// kPaths prints one path a line; kNulls ends each with a NUL instead. kBodyfile is the form of the
/// Sleuth Kit that mactime reads.
enum class FindFormat { kPaths, kNulls, kJson, kJsonLines, kBodyfile, kCsv };

struct FindOutputOptions {
  FindFormat format = FindFormat::kPaths;
  bool shows_images = false;  ///< whether each path follows the image that has it
  std::optional<HashAlgorithm> hash = {};
};

/// Prints entries one by one.
class FindOutput {
 public:
  FindOutput() = default;
  FindOutput(const FindOutput&) = delete;
  FindOutput& operator=(const FindOutput&) = delete;
  virtual ~FindOutput() = default;

  virtual void add(const Image& image, const FoundEntry& entry) = 0;
  /// Prints what follows the last entry.
  virtual void end() {}
};

/// The console must outlive the result.
std::unique_ptr<FindOutput> make_find_output(const FindOutputOptions& options, Console& console);

}  // namespace cim::cli
