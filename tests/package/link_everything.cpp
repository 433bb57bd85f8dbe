// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Calls into every part of the library, so that linking it requires all its dependencies.

#include <iostream>

#include <cimlib/error.h>
#include <cimlib/extract.h>
#include <cimlib/guid.h>
#include <cimlib/image_summary.h>
#include <cimlib/layer.h>
#include <cimlib/layer_export.h>
#include <cimlib/security_descriptor.h>
#include <cimlib/version.h>

int main() {
  std::cout << cim::kVersion << ' ' << cim::Guid::random().to_string() << ' '
            << cim::SecurityDescriptor::from_sddl("O:BA").to_sddl() << '\n';
  try {
    cim::layer::export_tar("/nowhere/layer", "/nowhere.tar");
  } catch (const cim::Error& error) {
    std::cout << error.what() << '\n';
  }
  try {
    cim::layer::import_tar("/nowhere.tar", "/nowhere/layer");
  } catch (const cim::Error& error) {
    std::cout << error.what() << '\n';
  }
  try {
    const cim::Image image("/nowhere.cim");
    cim::summarize(image);
    cim::extract(image, {}, "/nowhere");
  } catch (const cim::Error& error) {
    return error.code() == cim::ErrorCode::kNotFound ? 0 : 1;
  }
  return 1;
}
