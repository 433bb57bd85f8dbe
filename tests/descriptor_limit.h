// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Limits the descriptors that this process may have open; does nothing on Windows, which has no
// comparably low limit.

#ifndef _WIN32
#include <sys/resource.h>
#endif

namespace cim::test {

class DescriptorLimit {
 public:
#ifdef _WIN32
  explicit DescriptorLimit(unsigned /*count*/) {}
  ~DescriptorLimit() {}
#else
  explicit DescriptorLimit(unsigned count) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lower = before_;
    lower.rlim_cur = count;
    ::setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~DescriptorLimit() {
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
#endif
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

#ifndef _WIN32
 private:
  rlimit before_{};
#endif
};

}  // namespace cim::test
