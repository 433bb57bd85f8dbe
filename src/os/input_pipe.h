// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Bytes that somebody else sends, and that are waited for: standard input and named pipes. One
// implementation per system (input_pipe_posix.cpp).

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

namespace cim {

class InputPipe {
 public:
  /// Standard input, whatever that is; it stays open when this goes.
  static InputPipe standard_input();

  /// Nothing if what is at the path is no pipe. Waits for no writer; reading does.
  static std::optional<InputPipe> open(const std::filesystem::path& path);

  InputPipe(InputPipe&& other) noexcept;
  InputPipe& operator=(InputPipe&& other) = delete;
  ~InputPipe();

  /// What errors call it.
  const std::string& name() const noexcept { return name_; }

  /// Bytes from the present position on, if it is a file; unknown for a pipe.
  std::optional<std::uint64_t> size() const noexcept;

  /// Fills the buffer as far as the input goes; returns the bytes read. Throws kIo, and kCancelled
  /// when a stop is requested while it waits.
  std::size_t read(std::span<std::byte> into, const std::stop_token& stop);

 private:
  InputPipe(int descriptor, std::string name, bool is_owner) noexcept;

  void wait(const std::stop_token& stop) const;

  int descriptor_;
  std::string name_;
  bool is_owner_;
};

}  // namespace cim
