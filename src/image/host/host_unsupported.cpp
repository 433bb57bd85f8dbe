// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Reading and writing the metadata of files on Windows is not implemented yet.
#include "cimlib/create.h"
#include "cimlib/error.h"
#include "cimlib/extract.h"

namespace cim {

CreateSummary create_image(const std::filesystem::path& /*image*/,
                           const std::filesystem::path& directory,
                           const CreateOptions& /*options*/) {
  throw Error(ErrorCode::kUnsupported, directory.string(),
              "creating an image from a directory is not supported on this system");
}

ExtractSummary extract(const Image& /*image*/, const ImagePath& /*from*/,
                       const std::filesystem::path& destination,
                       const ExtractOptions& /*options*/) {
  throw Error(ErrorCode::kUnsupported, destination.string(),
              "extracting to a directory is not supported on this system");
}

}  // namespace cim
