// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by the verbs `cp` and `mv`.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/image_transfer.h"

#include "cli/console.h"
#include "cli/verb.h"

namespace cim::cli {

struct ImageTransferOptions {
  std::string image;
  std::string target;
  std::optional<std::uint64_t> wait_seconds;
  std::vector<std::string> regions;  ///< of `cp` only
};

/// The parameters IMAGE and TARGET and the option --wait.
void image_transfer_parameters(Parameters& parameters, ImageTransferOptions& options);

/// copy_image() or move_image().
using ImageTransfer = std::vector<TransferredFile> (*)(const std::filesystem::path&,
                                                       const std::filesystem::path&,
                                                       const TransferOptions&);

/// Copies or moves, and prints the result. `doing` is "copying", `done` "copied".
int transfer_image(const ImageTransferOptions& options, ImageTransfer transfer,
                   std::string_view doing, std::string_view done, Console& console);

}  // namespace cim::cli
