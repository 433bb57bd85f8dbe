// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The success messages of verbs that write images.

#include <string>

#include "cimlib/image_writer.h"
#include "cimlib/layer.h"

#include "cli/json_output.h"

namespace cim::cli {

/// "14 entries with 2.5 MiB".
std::string content_text(const layer::ImportResult& result);
/// "1.0 MiB stored, 1.5 MiB saved".
std::string storage_text(const CommitSummary& image);

/// Adds the same facts as members, and the number of files in the image.
void put_import(Json& object, const layer::ImportResult& result);
/// Adds only the members for storage.
void put_storage(Json& object, const CommitSummary& image);

}  // namespace cim::cli
