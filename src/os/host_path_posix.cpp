// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "cimlib/guid.h"
#include "cimlib/host_path.h"

#include "os/descriptor_posix.h"
#include "os/host_path.h"
#include "os/system_error.h"

namespace cim {
namespace {

constexpr std::size_t kLongestName = 255;  // on Linux's file systems

}  // namespace

// Paths are bytes here, so there is nothing to convert.
std::filesystem::path host_path(std::string_view text) {
  return text;
}

std::filesystem::path host_name(std::string_view text) {
  return text;
}

// The name is unguessable rather than locked: two writers never collide, and a file left by a
// killed process has a name that shows what it is.
std::filesystem::path temporary_name(const std::filesystem::path& target) {
  const std::string own = fmt::format(".{}.tmp", Guid::random().to_string());
  std::string name = "." + target.filename().string();
  if (name.size() > kLongestName - own.size()) {
    std::size_t end = kLongestName - own.size();
    while (end > 1 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) {
      --end;  // not within a character
    }
    name.resize(end);
  }
  return directory_of(target) / (name + own);
}

std::filesystem::path canonical_path(const std::filesystem::path& path) {
  std::error_code error;
  auto canonical = std::filesystem::canonical(path, error);
  if (error) {
    throw_system_error(error, path.string(), "access");
  }
  return canonical;
}

void sync_directory(const std::filesystem::path& directory) {
  const Descriptor opened(open_retrying(directory, O_RDONLY | O_DIRECTORY));
  if (!opened) {
    throw_system_error(errno, directory.string(), "open");
  }
  if (::fsync(opened.get()) != 0) {
    throw_system_error(errno, directory.string(), "flush");
  }
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    throw_system_error(errno, from.string(), "rename");
  }
}

bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code not_there;
  return std::filesystem::equivalent(a, b, not_there);
}

bool remove_file(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) == 0) {
    return true;
  }
  if (errno == ENOENT) {
    return false;
  }
  throw_system_error(errno, path.string(), "remove");
}

bool remove_empty_directory(const std::filesystem::path& path) {
  if (::rmdir(path.c_str()) == 0) {
    return true;
  }
  // Some file systems report EEXIST for a directory that is not empty.
  if (errno == ENOENT || errno == ENOTDIR || errno == ENOTEMPTY || errno == EEXIST) {
    return false;
  }
  throw_system_error(errno, path.string(), "remove");
}

}  // namespace cim
