// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <cerrno>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "base/standard_input.h"
#include "base/system_error.h"

namespace cim {

namespace {

constexpr int kPatience = 100;  // milliseconds from one look at the stop token to the next

// A file is always ready; a pipe may never be.
void wait_for_input(const std::stop_token& stop) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  while (stop.stop_possible() && ::poll(&input, 1, kPatience) == 0) {
    if (stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, "standard input", "waiting for it was cancelled");
    }
  }
}

}  // namespace

std::size_t read_standard_input(std::span<std::byte> into, const std::stop_token& stop) {
  std::size_t done = 0;
  while (done < into.size()) {
    wait_for_input(stop);
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
