// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// File descriptors, each with one owner and none of them a standard stream.

#include <cerrno>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace cim {

/// Takes the result of a call that opens something and, if the descriptor is 0, 1 or 2, moves it to
/// a higher number. A process may have been started without its standard streams, and output meant
/// for them must not end up in one of our files. Returns -1 with errno set if the call or the move
/// failed. Every descriptor that the library opens passes through this function, most of them by
/// the classes Descriptor and File; a moved one is closed on exec.
inline int above_standard(int descriptor) noexcept {
  if (descriptor < 0 || descriptor > STDERR_FILENO) {
    return descriptor;
  }
  const int moved = ::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int error_number = errno;
  ::close(descriptor);
  errno = error_number;
  return moved;
}

/// Calls open(2) until no signal interrupts it. The result is above the standard streams and closed
/// on exec; -1 with errno set if the file cannot be opened.
inline int open_retrying(const std::filesystem::path& path, int flags, mode_t mode = 0) noexcept {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (descriptor < 0 && errno == EINTR);
  return above_standard(descriptor);
}

/// Owns a descriptor, or none.
class Descriptor {
 public:
  Descriptor() noexcept = default;
  explicit Descriptor(int descriptor) noexcept : descriptor_(above_standard(descriptor)) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
  }
  ~Descriptor() { reset(); }

  explicit operator bool() const noexcept { return descriptor_ >= 0; }
  int get() const noexcept { return descriptor_; }
  int release() noexcept { return std::exchange(descriptor_, -1); }
  void reset() noexcept {
    if (descriptor_ >= 0) {
      ::close(std::exchange(descriptor_, -1));
    }
  }

 private:
  int descriptor_ = -1;
};

}  // namespace cim
