// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The parts of the extension module, one source each. Docstrings are in the stubs' order: what a
// class is, then what a function returns, raises and needs.

#include <pybind11/pybind11.h>

namespace cim::python {

void bind_metadata(pybind11::module_& module);
void bind_images(pybind11::module_& module);
void bind_hives(pybind11::module_& module);
void bind_checks(pybind11::module_& module);
void bind_writers(pybind11::module_& module);
void bind_layers(pybind11::module_& module);

}  // namespace cim::python
