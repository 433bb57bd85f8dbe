// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Runs other programs that check our tars, and reads and writes their files.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cim::test {

inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// Runs shell commands in a directory; throws if one of them fails.
inline void run_command(const std::filesystem::path& directory, const std::string& commands) {
  const std::string script = "set -e; cd '" + directory.string() + "'\n" + commands;
  if (std::system(script.c_str()) != 0) {
    throw std::runtime_error("failed: " + script);
  }
}

}  // namespace cim::test
