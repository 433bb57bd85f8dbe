// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by the verbs that write and read tars.

#include <optional>
#include <string>

#include "cimlib/byte_streams.h"
#include "cimlib/layer_export.h"

#include "cli/console.h"
#include "cli/verb.h"

namespace cim::cli {

/// The name of a tar that stands for standard input or output.
inline constexpr std::string_view kStandardTar = "-";

/// The option --compression.
void compression_option(Parameters& parameters, std::optional<std::string>& compression);

/// Returns the option or, without it, what the name of the file suggests.
layer::Compression compression_of(const std::optional<std::string>& compression,
                                  const std::string& tar);

/// Throws UsageError if standard output would be used for two things, or the tar shown on a
/// terminal.
void check_tar_output(const std::string& tar, const Console& console);

/// Returns the tar to read.
ByteSource tar_input(const std::string& tar);

}  // namespace cim::cli
