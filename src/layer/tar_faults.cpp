// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/tar_faults.h"

#include <string>
#include <utility>

#include <fmt/format.h>

namespace cim::layer {

ImagePath image_path(const tar::Names& names) {
  ImagePath path;
  for (const std::u16string& name : names) {
    path = std::move(path).child(name);
  }
  return path;
}

void explain_fault(const Error& error, const tar::WindowsReader& reader, const ImagePath& path) {
  switch (error.code()) {
    case ErrorCode::kNotFound:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kAccessDenied:
    case ErrorCode::kCorrupt:
    case ErrorCode::kLimit:
      break;
    default:
      throw Error(error);
  }
  if (!error.subject().starts_with('\\')) {  // not a path inside the image
    throw Error(error);
  }
  // The path at fault is often not the entry's, but that of its directory or of a link's target.
  const std::string reason = error.subject() == path.to_string()
                                 ? error.reason()
                                 : fmt::format("{}: {}", error.subject(), error.reason());
  throw Error(ErrorCode::kCorrupt, reader.source_name(),
              fmt::format("{}: {}", reader.current_path(), reason), reader.record_offset());
}

}  // namespace cim::layer
