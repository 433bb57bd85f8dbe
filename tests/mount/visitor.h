// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace cim::test {

/// Looks at everything below a directory as programs do, and counts what fails as damage. A
/// directory inside itself the kernel refuses alone, with ELOOP.
class Visitor {
 public:
  unsigned failures() const noexcept { return failures_; }

  void visit(const std::string& path);

 private:
  bool succeeded(ssize_t result, const std::string& path);
  void read_attributes(const std::string& path);
  void list(const std::string& path, std::vector<std::string>& open);
  void read(const std::string& path);

  unsigned failures_ = 0;
};

}  // namespace cim::test
