// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

#include "base/standard_input.h"
#include "base/system_error.h"

namespace cim {

std::size_t read_standard_input(std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got = ::read(STDIN_FILENO, into.data() + done, into.size() - done);
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw_system_error(errno, "standard input", "read");
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

std::optional<std::uint64_t> standard_input_size() noexcept {
  struct stat status {};
  if (::fstat(STDIN_FILENO, &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  const off_t position = ::lseek(STDIN_FILENO, 0, SEEK_CUR);
  if (position < 0 || position > status.st_size) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(status.st_size - position);
}

}  // namespace cim
