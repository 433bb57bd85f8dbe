// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A first pass over the files to be extracted, before the first one is written.

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

/// Ignores read errors, which are reported when the file is extracted. Throws kCancelled, and
/// kLimit for an image that claims far more than its size.
ExtractSurvey survey(const Image& image, const ImagePath& from, const std::stop_token& stop);

/// Returns true for errors that end an extraction. All other read errors only affect the file that
/// is being read.
inline bool ends_extraction(const Error& error) noexcept {
  return error.code() == ErrorCode::kCancelled || error.code() == ErrorCode::kLimit;
}

}  // namespace cim
