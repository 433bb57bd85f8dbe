// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// poll(2) with a short limit notices a request to stop while no input arrives. A named pipe is
// opened without blocking, since opening it otherwise waits for a writer.
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "os/descriptor_posix.h"
#include "os/input_pipe.h"
#include "os/system_error.h"

namespace cim {
namespace {

// The longest delay before a stop is noticed while no input arrives.
constexpr int kPollMilliseconds = 100;

}  // namespace

InputPipe::~InputPipe() {
  if (is_owner_) {
    ::close(descriptor_);
  }
}

InputPipe InputPipe::borrow(int descriptor, std::string name) {
  return {descriptor, std::move(name), false};
}

std::optional<InputPipe> InputPipe::open(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISFIFO(status.st_mode)) {
    return std::nullopt;
  }
  const int descriptor = above_standard(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (descriptor < 0) {
    throw_system_error(errno, path.string(), "open");
  }
  return InputPipe(descriptor, path.string(), true);
}

// A pipe is not ready until a process opens it for writing; it is ready once all of them closed it.
void InputPipe::wait(const std::stop_token& stop) const {
  pollfd waited{.fd = descriptor_, .events = POLLIN, .revents = 0};
  for (;;) {
    const int ready = ::poll(&waited, 1, kPollMilliseconds);
    if (ready > 0) {
      return;
    }
    if (ready < 0 && errno != EINTR) {
      throw_system_error(errno, name_, "wait for");
    }
    if (stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, name_, "cancelled while waiting for input");
    }
  }
}

std::size_t InputPipe::read(std::span<std::byte> into, const std::stop_token& stop) {
  std::size_t done = 0;
  while (done < into.size()) {
    wait(stop);
    const ssize_t got = ::read(descriptor_, into.data() + done, into.size() - done);
    if (got < 0) {
      if (errno == EINTR || errno == EAGAIN) {
        continue;
      }
      throw_system_error(errno, name_, "read");
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

std::optional<std::uint64_t> InputPipe::size() const noexcept {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  const off_t position = ::lseek(descriptor_, 0, SEEK_CUR);
  if (position < 0 || position > status.st_size) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(status.st_size - position);
}

}  // namespace cim
