// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/version.h"

#include "bindings.h"
#include "calls.h"
#include "text.h"

PYBIND11_MODULE(_core, module) {
  using namespace cim::python;
  module.doc() = "CIM images and Windows container layers: the compiled part of cimlib.";
  module.attr("__version__") = to_str(cim::kVersion);
  translate_errors();
  bind_metadata(module);
  bind_images(module);
  bind_hives(module);
  bind_checks(module);
  bind_writers(module);
  bind_layers(module);
}
