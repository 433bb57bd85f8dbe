// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// layers STORE TAR: imports a tar as a base layer, writes a layer on top of it, exports the
// difference as STORE/top.tar, and removes both layers.

#include <filesystem>
#include <iostream>

#include <cimlib/error.h>
#include <cimlib/layer.h>
#include <cimlib/layer_export.h>
#include <cimlib/layer_writer.h>

int main(int count, char** arguments) try {
  if (count != 3) {
    return 2;
  }
  const std::filesystem::path base = std::filesystem::path(arguments[1]) / "base";
  const std::filesystem::path top = std::filesystem::path(arguments[1]) / "top";
  const auto imported = cim::layer::import_tar(arguments[2], base);
  cim::layer::LayerWriter writer(top, {base});  // has all entries of its parent
  writer.add(cim::ImagePath::parse("Files/new.txt"), {}, arguments[0]);
  writer.remove(cim::ImagePath::parse("Files/old.txt"));
  writer.close();
  const auto exported = cim::layer::export_tar(top, top.string() + ".tar");
  std::cout << imported.entries << " entries imported, " << exported.entries << " exported\n";
  cim::layer::destroy(top);  // first, since it needs the files of its parent's image
  cim::layer::destroy(base);
  return 0;
} catch (const cim::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
