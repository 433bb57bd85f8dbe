// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/visitor.h"

#include <array>
#include <cerrno>
#include <climits>
#include <memory>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace cim::test {

using testing::AnyOf;

void Visitor::visit(const std::string& path) {
  constexpr unsigned kEnough = 20'000;  // a damaged image may have names without end
  std::vector<std::string> open = {path};
  for (unsigned i = 0; i < kEnough && !open.empty(); ++i) {
    const std::string next = std::move(open.back());
    open.pop_back();
    struct stat status {};
    if (!succeeded(::lstat(next.c_str(), &status), next)) {
      continue;
    }
    read_attributes(next);
    if (S_ISDIR(status.st_mode)) {
      list(next, open);
    } else if (S_ISLNK(status.st_mode)) {
      std::array<char, 4096> target{};
      succeeded(::readlink(next.c_str(), target.data(), target.size()), next);
    } else {
      read(next);
    }
  }
}

bool Visitor::succeeded(ssize_t result, const std::string& path) {
  if (result >= 0) {
    return true;
  }
  failures_ += errno == EIO || errno == EOPNOTSUPP ? 1 : 0;
  EXPECT_THAT(errno, AnyOf(EIO, EOPNOTSUPP, ELOOP, EINVAL, E2BIG, ENOENT, ENODATA, ENAMETOOLONG))
      << path;
  return false;
}

void Visitor::read_attributes(const std::string& path) {
  std::vector<char> names(65536);
  const ssize_t size = ::llistxattr(path.c_str(), names.data(), names.size());
  if (!succeeded(size, path)) {
    return;
  }
  std::vector<char> value(65536);
  for (const char* name = names.data(); name < names.data() + size;
       name += std::char_traits<char>::length(name) + 1) {
    succeeded(::lgetxattr(path.c_str(), name, value.data(), value.size()), path + " " + name);
  }
}

void Visitor::list(const std::string& path, std::vector<std::string>& open) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(path.c_str()), ::closedir);
  if (!succeeded(stream ? 0 : -1, path)) {
    return;
  }
  errno = 0;
  while (const dirent* const entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != ".." && path.size() < PATH_MAX - 2 * name.size() - 1) {
      open.push_back(fmt::format("{}/{}", path, name));
    }
  }
  succeeded(errno == 0 ? 0 : -1, path);
}

void Visitor::read(const std::string& path) {
  constexpr unsigned kEnough = 64;  // pieces: a damaged size may be of terabytes
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (!succeeded(descriptor, path)) {
    return;
  }
  std::vector<char> buffer(65536);
  ssize_t got = 1;
  for (unsigned i = 0; i < kEnough && got > 0; ++i) {
    got = ::read(descriptor, buffer.data(), buffer.size());
  }
  succeeded(got, path);
  ::close(descriptor);
}

}  // namespace cim::test
