// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The output of an export: compressed, and as a file that appears when it is complete.

#include <filesystem>
#include <functional>
#include <memory>

#include "cimlib/layer_export.h"

#include "tar/sink.h"

namespace cim::layer {

/// Returns a sink that compresses into `output`, which must outlive it; null for no compression.
std::unique_ptr<tar::Sink> make_packing_sink(Compression compression, tar::Sink& output);

/// Writes a file under a temporary name, which `write` fills by calling its argument, and gives it
/// its name. Throws kExists if it exists, unless it is a regular file and `replaces_existing`.
void write_tar_file(const std::filesystem::path& tar, bool replaces_existing,
                    const std::function<void(const tar::CallingSink::Function&)>& write);

}  // namespace cim::layer
