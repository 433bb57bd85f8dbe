// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The lock is flock(2) on the directory itself. Unlike a lock file it leaves nothing to clean up,
// and unlike fcntl(2) locks it belongs to the open description, so that another part of the process
// that opens and closes the same directory does not release it.
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "os/descriptor_posix.h"
#include "os/directory_lock.h"
#include "os/system_error.h"

namespace cim {
namespace {

// Returns false with errno set if the lock is not available or the call failed.
bool try_lock(int descriptor, LockMode kind) {
  const int operation = (kind == LockMode::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  int result = 0;
  do {
    result = ::flock(descriptor, operation);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

// /proc/locks has lines such as "3: FLOCK  ADVISORY  WRITE 4711 fe:00:131234 0 EOF".
std::string holder_of(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    return "another process";
  }
  const std::string wanted =
      fmt::format("{:02x}:{:02x}:{}", major(status.st_dev), minor(status.st_dev), status.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number;
    std::string type;
    std::string mode;
    std::string access;
    std::int64_t process = 0;
    std::string file;
    words >> number >> type >> mode >> access >> process >> file;
    if (type == "FLOCK" && file == wanted && process > 0) {
      std::string name;
      std::getline(std::ifstream(fmt::format("/proc/{}/comm", process)), name);
      return fmt::format("process {}{}", process, name.empty() ? "" : " (" + name + ")");
    }
  }
  return "another process";
}

// Returns true if the open directory is the one that now has this path.
bool is_still_at(int descriptor, const std::filesystem::path& directory) {
  struct stat held {};
  struct stat named {};
  if (::fstat(descriptor, &held) != 0 ||
      (::stat(directory.c_str(), &named) != 0 && errno != ENOENT)) {
    throw_system_error(errno, directory.string(), "access");
  }
  return held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

}  // namespace

DirectoryLock::DirectoryLock(const std::filesystem::path& directory,
                             const LockTimeout& lock_timeout, LockMode kind) {
  Descriptor held(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!held) {
    throw_system_error(errno, directory.string(), "open");
  }
  const Wait wait(lock_timeout);
  while (!try_lock(held.get(), kind)) {
    if (errno != EWOULDBLOCK) {
      throw_system_error(errno, directory.string(), "lock");
    }
    if (wait.is_over()) {
      throw Error(ErrorCode::kBusy, directory.string(),
                  fmt::format("{} is writing images there", holder_of(held.get())));
    }
    if (wait.is_cancelled()) {
      throw Error(ErrorCode::kCancelled, directory.string(),
                  fmt::format("cancelled while waiting for {}", holder_of(held.get())));
    }
    Wait::pause();
  }
  // The previous holder may have removed the directory; a new one of that name has another lock.
  if (!is_still_at(held.get(), directory)) {
    throw Error(ErrorCode::kNotFound, directory.string(), "was removed by another process");
  }
  descriptor_ = held.release();
}

DirectoryLock::~DirectoryLock() {
  ::close(descriptor_);
}

}  // namespace cim
