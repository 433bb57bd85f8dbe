// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "os/host_path.h"

#include <system_error>

#include "os/system_error.h"

namespace cim {
namespace {

std::filesystem::file_status known(std::filesystem::file_status status,
                                   const std::error_code& error,
                                   const std::filesystem::path& path) {
  if (!std::filesystem::status_known(status)) {
    throw_system_error(error, path.string(), "access");
  }
  return status;
}

}  // namespace

std::filesystem::path absolute_path(const std::filesystem::path& path) {
  std::error_code error;
  auto absolute = std::filesystem::absolute(path, error);
  if (error) {
    throw_system_error(error, path.string(), "find the working directory of");
  }
  return absolute;
}

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

std::filesystem::path directory_of(const std::filesystem::path& path) {
  const auto parent = path.parent_path();
  return parent.empty() ? "." : parent;
}

}  // namespace cim
