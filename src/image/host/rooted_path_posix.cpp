// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/host/rooted_path_posix.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/descriptor_posix.h"

namespace cim {
namespace {

constexpr unsigned kMaxLinks = 40;  // as in Linux

// Removes the first name of a path, and returns it.
std::string take_name(std::string& path) {
  const std::size_t begin = std::min(path.find_first_not_of('/'), path.size());
  const std::size_t end = std::min(path.find('/', begin), path.size());
  std::string name = path.substr(begin, end - begin);
  path.erase(0, end);
  return name;
}

// Returns the target of an open link; empty if it cannot be read.
std::string target_of(int link) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = ::readlinkat(link, "", target.data(), target.size());
  target.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return target;
}

}  // namespace

bool leads_to_directory(int root, const std::string& path) {
  struct open_how how {};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const Descriptor found(
      static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
  // Some containers answer unknown calls with EPERM.
  return found || ((errno == ENOSYS || errno == EPERM) && leads_to_directory_by_steps(root, path));
}

bool leads_to_directory_by_steps(int root, const std::string& path) {
  std::vector<Descriptor> below;  // the directories on the way to the current one
  unsigned links = 0;
  for (std::string rest = path; rest.find_first_not_of('/') != rest.npos;) {
    const std::string name = take_name(rest);
    if (name == ".." && !below.empty()) {
      below.pop_back();
    }
    if (name == "." || name == "..") {
      continue;
    }
    const int current = below.empty() ? root : below.back().get();
    Descriptor next(::openat(current, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (!next || ::fstat(next.get(), &status) != 0) {
      return false;
    }
    if (S_ISDIR(status.st_mode)) {
      below.push_back(std::move(next));
      continue;
    }
    const std::string target = S_ISLNK(status.st_mode) ? target_of(next.get()) : "";
    if (target.empty() || ++links > kMaxLinks || target.size() + rest.size() >= PATH_MAX) {
      return false;
    }
    if (target.front() == '/') {
      below.clear();
    }
    rest.insert(0, target);
  }
  return true;
}

}  // namespace cim
