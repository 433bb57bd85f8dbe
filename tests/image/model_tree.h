// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The simplest possible Windows file tree, to compare images with: a second implementation of every
// operation of a writer, without regard for speed.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/image_path.h"
#include "cimlib/image_writer.h"

#include "base/upcase.h"

namespace cim::test {

struct IgnoringCase {
  bool operator()(const std::u16string& a, const std::u16string& b) const {
    return compare_ignoring_case(a, b) < 0;
  }
};

/// A file or directory; shared by its hard links.
struct ModelNode {
  bool is_directory = false;
  std::uint32_t attributes = 0;
  std::uint64_t time = 0;
  std::string data;
  std::map<std::u16string, std::string, IgnoringCase> streams;
  std::map<std::u16string, std::shared_ptr<ModelNode>, IgnoringCase> entries;
};

class ModelTree {
 public:
  ModelTree() { root_->is_directory = true; }

  /// Returns a copy that shares nothing with the original and has the same hard links.
  ModelTree clone() const;

  ModelNode& root() const { return *root_; }
  std::shared_ptr<ModelNode> find(const ImagePath& path) const;

  /// Each returns whether the operation is possible; if not, nothing changes.
  bool create(const ImagePath& path, ModelNode node);
  bool replace_metadata(const ImagePath& path, const ModelNode& node);
  bool create_stream(const ImagePath& path, const std::u16string& name, std::string data);
  bool link(const ImagePath& path, const ImagePath& existing);
  bool rename(const ImagePath& from, const ImagePath& to);
  bool remove(const ImagePath& path);

 private:
  std::shared_ptr<ModelNode> root_ = std::make_shared<ModelNode>();
};

}  // namespace cim::test
