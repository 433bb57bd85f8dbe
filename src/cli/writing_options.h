// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The options of all verbs that write images.

#include <chrono>
#include <cstdint>
#include <optional>

#include "cimlib/image_writer.h"

#include "cli/verb.h"
#include "cli/wait_option.h"

namespace cim::cli {

struct WritingOptions {
  bool keeps_plain = false;
  bool is_reproducible = false;
  std::optional<std::uint64_t> wait_seconds;
};

inline void writing_options(Parameters& parameters, WritingOptions& options) {
  parameters.flag("--plain-executables",
                  "store executables as plain files, not in their memory-mapped layout",
                  options.keeps_plain);
  parameters.flag("--reproducible", "write identical files for identical input",
                  options.is_reproducible);
  wait_option(parameters, options.wait_seconds);
}

/// `otherwise` is the verb's default for --wait.
inline void apply(const WritingOptions& options, std::chrono::milliseconds otherwise,
                  WriterOptions& writer) {
  writer.pe_expansion = options.keeps_plain ? PeExpansion::kPlain : PeExpansion::kExpand;
  writer.reproducible = options.is_reproducible;
  writer.lock_timeout = lock_timeout(options.wait_seconds, otherwise);
}

}  // namespace cim::cli
