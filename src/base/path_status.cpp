// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/path_status.h"

#include <system_error>

#include "base/system_error.h"

namespace cim {
namespace {

std::filesystem::file_status known(std::filesystem::file_status status,
                                   const std::error_code& error,
                                   const std::filesystem::path& path) {
  if (!std::filesystem::status_known(status)) {
    throw_system_error(error, path.string(), "look at");
  }
  return status;
}

}  // namespace

std::filesystem::file_status status_of(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  return known(status, error, path);
}

std::filesystem::file_status link_status_of(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::symlink_status(path, error);
  return known(status, error, path);
}

}  // namespace cim
