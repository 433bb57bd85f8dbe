// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/error.h"
#include "cimlib/layer_commit.h"

namespace cim::layer {

CommitResult commit(const std::filesystem::path& upper, const LayerPaths& /*layer*/,
                    const std::vector<LayerPaths>& /*parents*/, const CommitOptions& /*options*/) {
  throw Error(ErrorCode::kUnsupported, upper.string(),
              "writable mounts, and layers made from them, are available on Linux only");
}

}  // namespace cim::layer
