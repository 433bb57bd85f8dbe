// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// list_image IMAGE.cim: prints the path and size of every entry of an image.

#include <iostream>

#include <cimlib/error.h>
#include <cimlib/image.h>

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: list_image IMAGE.cim\n";
    return 2;
  }
  try {
    const cim::Image image(arguments[1]);
    image.walk({}, [](const cim::WalkEntry& entry) {
      std::cout << entry.path.to_string() << '\t' << entry.info.size << '\n';
      return true;  // continue
    });
    return std::cout.flush() ? 0 : 1;
  } catch (const cim::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
