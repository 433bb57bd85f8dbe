// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Builds without libwim.
#include "cimlib/error.h"
#include "cimlib/wim.h"

namespace cim::wim {

bool is_wim(const std::filesystem::path& /*file*/) {
  return false;
}

CreateSummary create_image(const std::filesystem::path& /*image*/, const std::filesystem::path& wim,
                           const CreateOptions& /*options*/) {
  throw Error(ErrorCode::kUnsupported, wim.string(),
              "this build of cimlib does not read WIM files (CIMLIB_BUILD_WIM)");
}

}  // namespace cim::wim
