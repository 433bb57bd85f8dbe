// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/link_limit.h"

#include <cerrno>
#include <limits>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

unsigned most_names = std::numeric_limits<unsigned>::max();

}  // namespace

namespace cim::test {

LinkLimit::LinkLimit(unsigned names) noexcept {
  most_names = names;
}

LinkLimit::~LinkLimit() {
  most_names = std::numeric_limits<unsigned>::max();
}

}  // namespace cim::test

// Replaces the C library's function.
extern "C" int linkat(int from, const char* old_name, int to, const char* new_name,
                      int flags) noexcept {
  struct stat status {};
  if (::fstatat(from, old_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
      status.st_nlink >= most_names) {
    errno = EMLINK;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_linkat, from, old_name, to, new_name, flags));
}
