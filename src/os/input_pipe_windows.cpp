// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Reading a pipe on Windows blocks and cannot be interrupted by a request to stop, so a pipe is
// asked for its available bytes first, in short intervals.
#include <algorithm>
#include <chrono>
#include <thread>

#include <windows.h>

#include "cimlib/error.h"

#include "os/input_pipe.h"
#include "os/native_windows.h"
#include "os/system_error.h"

namespace cim {
namespace {

// The longest delay before input or a stop is noticed while none has arrived.
constexpr std::chrono::milliseconds kPollPause{10};
constexpr std::size_t kMostOfPipe = std::size_t{1} << 20;

// The writer of a pipe has closed it, or a file has ended.
bool means_end(DWORD error) {
  return error == ERROR_BROKEN_PIPE || error == ERROR_HANDLE_EOF;
}

}  // namespace

InputPipe::~InputPipe() {
  if (is_owner_) {
    ::_close(descriptor_);
  }
}

InputPipe InputPipe::borrow(int descriptor, std::string name) {
  return {descriptor, std::move(name), false};
}

std::optional<InputPipe> InputPipe::open(const std::filesystem::path& path) {
  if (!path.native().starts_with(L"\\\\.\\pipe\\")) {
    return std::nullopt;
  }
  HANDLE const handle =
      ::CreateFileW(path.c_str(), GENERIC_READ, 0, nullptr, OPEN_EXISTING, 0, nullptr);
  if (handle == INVALID_HANDLE_VALUE) {
    throw_system_error(static_cast<int>(::GetLastError()), path.string(), "open");
  }
  return InputPipe(descriptor_of(handle, path.string()), path.string(), true);
}

// Anything other than a pipe is always ready; if no process writes to a pipe any more, reading it
// reports that.
void InputPipe::wait(const std::stop_token& stop) const {
  HANDLE const handle = handle_of(descriptor_);
  for (;;) {
    if (stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, name_, "cancelled while waiting for input");
    }
    DWORD available = 0;
    if (::GetFileType(handle) != FILE_TYPE_PIPE ||
        ::PeekNamedPipe(handle, nullptr, 0, nullptr, &available, nullptr) == 0 || available > 0) {
      return;
    }
    std::this_thread::sleep_for(kPollPause);
  }
}

std::size_t InputPipe::read(std::span<std::byte> into, const std::stop_token& stop) {
  std::size_t done = 0;
  while (done < into.size()) {
    wait(stop);
    DWORD got = 0;
    const auto wanted = static_cast<DWORD>(std::min(into.size() - done, kMostOfPipe));
    if (::ReadFile(handle_of(descriptor_), into.data() + done, wanted, &got, nullptr) == 0 &&
        !means_end(::GetLastError())) {
      throw_system_error(static_cast<int>(::GetLastError()), name_, "read");
    }
    if (got == 0) {
      break;
    }
    done += got;
  }
  return done;
}

std::optional<std::uint64_t> InputPipe::size() const noexcept {
  HANDLE const handle = handle_of(descriptor_);
  LARGE_INTEGER size{};
  LARGE_INTEGER position{};
  if (::GetFileType(handle) != FILE_TYPE_DISK || ::GetFileSizeEx(handle, &size) == 0 ||
      ::SetFilePointerEx(handle, {}, &position, FILE_CURRENT) == 0 ||
      position.QuadPart > size.QuadPart) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(size.QuadPart - position.QuadPart);
}

}  // namespace cim
