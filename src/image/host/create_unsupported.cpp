// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/create.h"
#include "cimlib/error.h"

namespace cim {

CreateSummary create_image(const std::filesystem::path& /*image*/,
                           const std::filesystem::path& directory,
                           const CreateOptions& /*options*/) {
  throw Error(ErrorCode::kUnsupported, directory.string(),
              "creating an image from a directory is not supported on this system");
}

}  // namespace cim
