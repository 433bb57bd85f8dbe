// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Lets libzip read from RandomAccess.

#include <exception>
#include <string>

#include <zip.h>

#include "appx/random_access.h"

namespace cim::appx {

/// The functions of a zip_source. Exceptions cannot pass through libzip, so they are kept for its
/// caller. Must outlive the source.
class ZipSource {
 public:
  explicit ZipSource(const RandomAccess& bytes) noexcept : bytes_(bytes) {}
  ZipSource(const ZipSource&) = delete;
  ZipSource& operator=(const ZipSource&) = delete;

  /// Returns a new zip_source, which the archive that is opened from it owns. Throws
  /// std::bad_alloc.
  zip_source_t* create();

  /// Throws the failure of a read, or what a libzip error means. `subject` names what was read.
  [[noreturn]] void fail(const zip_error_t& error, const std::string& subject);

 private:
  static zip_int64_t call(void* self, void* data, zip_uint64_t size, zip_source_cmd_t command);
  zip_int64_t handle(void* data, zip_uint64_t size, zip_source_cmd_t command);
  zip_int64_t read(void* data, zip_uint64_t size);
  zip_int64_t seek(void* data, zip_uint64_t size);
  zip_int64_t stat(void* data, zip_uint64_t size) const;

  const RandomAccess& bytes_;
  zip_uint64_t position_ = 0;
  zip_error_t error_{};
  std::exception_ptr failure_;
};

}  // namespace cim::appx
