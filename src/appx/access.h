// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The descriptors of a package's files.

#include <optional>
#include <string>

#include "base/bytes.h"

namespace cim::appx {

/// Self-relative descriptors; all empty if nothing gets one.
struct AccessControl {
  Bytes top;        ///< of a package's directory and those above
  Bytes directory;  ///< of every directory below
  Bytes file;

  /// Derives all three from the descriptor of the top. Throws what SecurityDescriptor::from_sddl()
  /// throws.
  static AccessControl from_sddl(const std::optional<std::string>& sddl);
};

}  // namespace cim::appx
