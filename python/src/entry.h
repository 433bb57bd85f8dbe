// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A file or directory of an image, as Python sees it.

#include <string>
#include <string_view>

#include "cimlib/image.h"

namespace cim::python {

/// Keeps its image open.
struct Entry {
  Image image;
  std::string path;  ///< in WTF-8 with `/` between the names; empty for the root
  FileInfo info;

  std::string_view name() const noexcept {
    const std::string_view text = path;
    return text.substr(text.rfind('/') + 1);  // all of it if there is no `/`
  }
};

/// Returns a path as Entry has it.
std::string entry_path(const ImagePath& path);

}  // namespace cim::python
