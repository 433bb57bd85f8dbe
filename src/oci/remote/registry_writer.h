// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes an image to a registry instead of to files.

#include <filesystem>
#include <memory>

#include "cimlib/remote.h"

#include "oci/layout_writer.h"

namespace cim::oci {

/// Returns a writer that sends each blob as soon as it is added, and the manifest at the end. Only
/// the blob that is being written is stored, in the directory `staging`. `result` gets what was
/// sent. All arguments must outlive the writer. Throws as push_layout() does.
std::unique_ptr<LayoutWriter> make_registry_writer(const Reference& reference,
                                                   const std::filesystem::path& staging,
                                                   const PushOptions& options,
                                                   const RemoteOptions& remote, PushResult& result);

}  // namespace cim::oci
