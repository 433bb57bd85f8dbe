// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Input that another process sends and that must be waited for: named pipes, and descriptors of any
// kind. One implementation per system (input_pipe_posix.cpp, input_pipe_windows.cpp).

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>

namespace cim {

/// An open input, of which a stop can end the wait. For one thread.
class InputPipe {
 public:
  /// Returns the input from an open descriptor, whatever its type; destroying the object does not
  /// close it.
  static InputPipe borrow(int descriptor, std::string name);

  /// Opens a pipe; nullopt if the path is not a pipe. Does not wait for a writer; read() does.
  static std::optional<InputPipe> open(const std::filesystem::path& path);

  InputPipe(InputPipe&& other) noexcept
      : descriptor_(other.descriptor_),
        name_(std::move(other.name_)),
        is_owner_(std::exchange(other.is_owner_, false)) {}
  InputPipe& operator=(InputPipe&& other) = delete;
  ~InputPipe();

  /// The name used in errors.
  const std::string& name() const noexcept { return name_; }

  /// Returns the bytes from the current position to the end if the input is a file; nullopt if
  /// unknown.
  std::optional<std::uint64_t> size() const noexcept;

  /// Fills the buffer up to the end of the input; returns the number of bytes read. Throws kIo, and
  /// kCancelled if a stop is requested while it waits.
  std::size_t read(std::span<std::byte> into, const std::stop_token& stop);

 private:
  InputPipe(int descriptor, std::string name, bool is_owner) noexcept
      : descriptor_(descriptor), name_(std::move(name)), is_owner_(is_owner) {}

  /// Waits until read() would not block.
  void wait(const std::stop_token& stop) const;

  int descriptor_;
  std::string name_;
  bool is_owner_;
};

}  // namespace cim
