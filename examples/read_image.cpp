// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// read_image IMAGE.cim PATH: lists the entries of an image and prints one of its files.

#include <iostream>

#include <cimlib/error.h>
#include <cimlib/image.h>

int main(int count, char** arguments) try {
  if (count != 3) {
    return 2;
  }
  const cim::Image image(arguments[1]);
  image.walk({}, [](const cim::WalkEntry& entry) {
    std::cout << entry.path.to_string() << '\t' << entry.info.size << '\n';
    return true;  // continue
  });
  constexpr std::size_t kMaxSize = 1 << 30;
  const auto bytes = image.open(cim::ImagePath::parse(arguments[2])).read_all(kMaxSize);
  std::cout.write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
  return std::cout.flush() ? 0 : 1;
} catch (const cim::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
