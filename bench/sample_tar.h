// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A layer's tar for benchmarks: small files with the records that Windows layers have. Always the
// same bytes.

#include <string>

namespace cim::bench {

inline constexpr int kFilesPerDirectory = 100;

/// Returns a tar of `files` files in directories of kFilesPerDirectory. The files have 100 to 1,123
/// bytes, and one in four is a duplicate.
std::string sample_tar(int files);

/// "Files/directory 012/name of file 00042.txt"
std::string sample_path(int file);

}  // namespace cim::bench
