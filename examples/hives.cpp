// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// hives FILE: creates a registry hive, and prints the values of a key.

#include <iostream>

#include <cimlib/error.h>
#include <cimlib/hive.h>

int main(int count, char** arguments) try {
  if (count != 2) {
    return 2;
  }
  const auto now = cim::FileTime::now();
  cim::registry::HiveEditor editor;
  editor.add_key("Software\\Example", now);
  editor.set_text("Software\\Example", "Version", "1.2", now);
  editor.save(arguments[1]);
  const auto hive = cim::registry::Hive::open(arguments[1]);
  if (const auto key = hive.find("SOFTWARE\\Example")) {
    for (const cim::registry::Value& value : key->values()) {
      std::cout << value.name() << " = " << value.text().value_or("?") << '\n';
    }
  }
  return 0;
} catch (const cim::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
