// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Damages: each changes one thing of a sound image, and says what a check must find then.

#include <ostream>
#include <span>
#include <string_view>

#include "cimlib/check.h"

#include "image/specimen.h"

namespace cim::test {

struct Damage {
  std::string_view name;  ///< letters and digits, so that a test can bear it
  void (*apply)(Specimen&);
  /// The kind of finding; empty where the check must refuse to look.
  std::string_view finding;
  std::string_view words;  ///< of the finding's line, or of the error
  CheckDepth depth = CheckDepth::kStructure;
  std::string_view image = kSampleName;
};

/// For what GoogleTest says of a failure.
inline void PrintTo(const Damage& damage, std::ostream* out) {
  *out << damage.name;
}

/// Headers and files as a whole; metadata; names; data and object ids.
std::span<const Damage> header_damages();
std::span<const Damage> metadata_damages();
std::span<const Damage> name_damages();
std::span<const Damage> object_damages();

}  // namespace cim::test
