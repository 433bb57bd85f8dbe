// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/error.h"
#include "cimlib/extract.h"

namespace cim {

ExtractSummary extract(const Image& /*image*/, const ImagePath& /*from*/,
                       const std::filesystem::path& destination,
                       const ExtractOptions& /*options*/) {
  throw Error(ErrorCode::kUnsupported, destination.string(),
              "extracting to a directory is not supported on this system");
}

}  // namespace cim
