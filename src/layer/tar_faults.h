// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Failures to store an entry of a tar, reported as faults of the tar.

#include "cimlib/error.h"
#include "cimlib/image_path.h"

#include "tar/windows_records.h"

namespace cim::layer {

/// Returns the path in an image of an entry.
ImagePath image_path(const tar::Names& names);

/// Throws `error`; if the current entry of `reader`, whose path is `path`, caused it, as a fault of
/// the tar with the offset of the entry. Failures of the system are thrown unchanged.
[[noreturn]] void explain_fault(const Error& error, const tar::WindowsReader& reader,
                                const ImagePath& path);

}  // namespace cim::layer
