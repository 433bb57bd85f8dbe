// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// read_file IMAGE.cim PATH: writes the contents of a file in an image to standard output.

#include <cstddef>
#include <filesystem>
#include <iostream>
#include <string_view>
#include <vector>

#include <cimlib/error.h>
#include <cimlib/image.h>

namespace {

std::vector<std::byte> read_file(const std::filesystem::path& image, std::string_view path) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 30;
  return cim::Image(image).open(cim::ImagePath::parse(path)).read_all(kMostBytes);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: read_file IMAGE.cim PATH\n";
    return 2;
  }
  try {
    const auto bytes = read_file(arguments[1], arguments[2]);
    std::cout.write(reinterpret_cast<const char*>(bytes.data()),
                    static_cast<std::streamsize>(bytes.size()));
    return 0;
  } catch (const cim::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
