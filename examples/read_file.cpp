// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// read_file IMAGE.cim PATH: writes a file of an image to standard output.

#include <cstddef>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string_view>
#include <vector>

#include <cimlib/error.h>
#include <cimlib/image.h>

namespace {

std::optional<std::vector<std::byte>> read_file(const std::filesystem::path& image_path,
                                                std::string_view path) {
  const cim::Image image(image_path);
  const auto id = image.find(cim::ImagePath::parse(path));
  if (!id) {
    return std::nullopt;
  }
  const cim::Stream stream = image.open(*id);
  std::vector<std::byte> bytes(stream.size());
  stream.read(0, bytes);
  return bytes;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: read_file IMAGE.cim PATH\n";
    return 2;
  }
  try {
    const auto bytes = read_file(arguments[1], arguments[2]);
    if (!bytes) {
      std::cerr << arguments[2] << ": not in the image\n";
      return 1;
    }
    std::cout.write(reinterpret_cast<const char*>(bytes->data()),
                    static_cast<std::streamsize>(bytes->size()));
    return 0;
  } catch (const cim::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
