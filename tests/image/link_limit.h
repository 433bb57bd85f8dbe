// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Simulates a file system that limits the number of names of a file, as all do.

namespace cim::test {

/// While it lives, linkat() in this program fails with EMLINK for a file that already has `names`
/// names.
class LinkLimit {
 public:
  explicit LinkLimit(unsigned names) noexcept;
  LinkLimit(const LinkLimit&) = delete;
  LinkLimit& operator=(const LinkLimit&) = delete;
  ~LinkLimit();
};

}  // namespace cim::test
