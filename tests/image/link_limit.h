// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A file system that gives a file only so many names, as all do at some number.

namespace cim::test {

/// While it lives, linkat() of this program fails with EMLINK for a file that has as many names.
class LinkLimit {
 public:
  explicit LinkLimit(unsigned names) noexcept;
  LinkLimit(const LinkLimit&) = delete;
  LinkLimit& operator=(const LinkLimit&) = delete;
  ~LinkLimit();
};

}  // namespace cim::test
