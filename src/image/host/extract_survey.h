// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A first pass over what is to be extracted, before the first file is written.

#include <cstdint>
#include <stop_token>

#include "cimlib/error.h"
#include "cimlib/image.h"
#include "cimlib/image_path.h"

#include "os/seeded_hash.h"

namespace cim {

struct ExtractSurvey {
  std::uint64_t bytes = 0;   ///< of all files and streams
  SeededSet<FileId> shared;  ///< files with more than one name
};

/// Passes over errors of reading, which are reported when the extraction gets to the file. Throws
/// kCancelled, and kLimit for an image that claims far more than it holds.
ExtractSurvey survey(const Image& image, const ImagePath& from, const std::stop_token& stop);

/// Errors of reading an image affect only what is being read, except these.
inline bool ends_extraction(const Error& error) noexcept {
  return error.code() == ErrorCode::kCancelled || error.code() == ErrorCode::kLimit;
}

}  // namespace cim
