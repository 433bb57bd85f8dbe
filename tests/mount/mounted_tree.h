// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Two ways to read a whole mounted tree: as programs do, whatever is in it, and compared with the
// image.

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "cimlib/image.h"

namespace cim::test {

/// Reads everything below a directory as programs do, expects no errors but those that damage
/// explains, and counts these.
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

/// The properties of files that compare_with_image() compares, besides names, types and sizes.
enum class Compared { kBytes, kDescriptorsToo };

/// Expects everything below a directory of the host to be equal to the image as the library reads
/// it; with kDescriptorsToo also the security descriptors, under the names that EROFS mounts have.
/// Reads at most 4 MiB of each file, since a damaged size may be of terabytes. Returns the number
/// of files of the host that could not be read, which are not compared.
unsigned compare_with_image(const std::filesystem::path& root, const Image& image,
                            Compared compared);

}  // namespace cim::test
