// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Damages: each changes one thing of a valid image, and states what a check must find.

#include <ostream>
#include <span>
#include <string_view>

#include "cimlib/check.h"

#include "image/specimen.h"

namespace cim::test {

struct Damage {
  std::string_view name;  ///< letters and digits, for use in a test name
  void (*apply)(Specimen&);
  /// The kind of finding; empty if the check must throw.
  std::string_view finding;
  std::string_view words;  ///< of the finding's line, or of the error
  CheckDepth depth = CheckDepth::kStructure;
  std::string_view image = kSampleName;
};

/// Used by GoogleTest to report failures.
inline void PrintTo(const Damage& damage, std::ostream* out) {
  *out << damage.name;
}

/// Damages of headers and whole files; of metadata; of names; of data and object ids.
std::span<const Damage> header_damages();
std::span<const Damage> metadata_damages();
std::span<const Damage> name_damages();
std::span<const Damage> object_damages();

}  // namespace cim::test
