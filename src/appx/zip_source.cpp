// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/zip_source.h"

#include <algorithm>
#include <new>
#include <span>
#include <utility>

#include "cimlib/error.h"

namespace cim::appx {
namespace {

ErrorCode code_of(const zip_error_t& error) {
  switch (zip_error_code_zip(&error)) {
    case ZIP_ER_MULTIDISK:
    case ZIP_ER_COMPNOTSUPP:
    case ZIP_ER_ENCRNOTSUPP:
    case ZIP_ER_OPNOTSUPP:
      return ErrorCode::kUnsupported;
    case ZIP_ER_READ:
    case ZIP_ER_SEEK:
      return ErrorCode::kIo;
    default:
      return ErrorCode::kCorrupt;
  }
}

}  // namespace

zip_source_t* ZipSource::create() {
  zip_source_t* const source = zip_source_function_create(&ZipSource::call, this, nullptr);
  if (source == nullptr) {
    throw std::bad_alloc();
  }
  return source;
}

void ZipSource::fail(const zip_error_t& error, const std::string& subject) {
  if (failure_) {
    std::rethrow_exception(std::exchange(failure_, nullptr));
  }
  if (zip_error_code_zip(&error) == ZIP_ER_MEMORY) {
    throw std::bad_alloc();
  }
  zip_error_t copy;
  zip_error_init_with_code(&copy, zip_error_code_zip(&error));
  const std::string reason = zip_error_strerror(&copy);
  zip_error_fini(&copy);
  throw Error(code_of(error), subject, "cannot be read as a ZIP archive: " + reason);
}

zip_int64_t ZipSource::call(void* self, void* data, zip_uint64_t size, zip_source_cmd_t command) {
  return static_cast<ZipSource*>(self)->handle(data, size, command);
}

zip_int64_t ZipSource::handle(void* data, zip_uint64_t size, zip_source_cmd_t command) {
  switch (command) {
    case ZIP_SOURCE_OPEN:
      position_ = 0;
      return 0;
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
      return 0;
    case ZIP_SOURCE_READ:
      return read(data, size);
    case ZIP_SOURCE_SEEK:
      return seek(data, size);
    case ZIP_SOURCE_TELL:
      return static_cast<zip_int64_t>(position_);
    case ZIP_SOURCE_STAT:
      return stat(data, size);
    case ZIP_SOURCE_ERROR:
      return zip_error_to_data(&error_, data, size);
    case ZIP_SOURCE_SUPPORTS:
      return ZIP_SOURCE_SUPPORTS_SEEKABLE;
    default:
      zip_error_set(&error_, ZIP_ER_OPNOTSUPP, 0);
      return -1;
  }
}

zip_int64_t ZipSource::read(void* data, zip_uint64_t size) {
  const zip_uint64_t count = std::min<zip_uint64_t>(size, bytes_.size() - position_);
  try {
    bytes_.read_at(position_,
                   std::span(static_cast<std::byte*>(data), static_cast<std::size_t>(count)));
  } catch (...) {
    failure_ = std::current_exception();
    zip_error_set(&error_, ZIP_ER_READ, 0);
    return -1;
  }
  position_ += count;
  return static_cast<zip_int64_t>(count);
}

zip_int64_t ZipSource::seek(void* data, zip_uint64_t size) {
  const zip_int64_t to =
      zip_source_seek_compute_offset(position_, bytes_.size(), data, size, &error_);
  if (to < 0) {
    return -1;
  }
  position_ = static_cast<zip_uint64_t>(to);
  return 0;
}

zip_int64_t ZipSource::stat(void* data, zip_uint64_t size) const {
  if (size < sizeof(zip_stat_t)) {
    return -1;
  }
  auto* const stat = static_cast<zip_stat_t*>(data);
  zip_stat_init(stat);
  stat->valid = ZIP_STAT_SIZE;
  stat->size = bytes_.size();
  return sizeof(zip_stat_t);
}

}  // namespace cim::appx
