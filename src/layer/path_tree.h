// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cimlib/file_info.h"
#include "cimlib/image_path.h"

#include "image/read/lookup_cursor.h"
#include "image/write/name_index.h"

namespace cim::layer {

/// A map from paths, ignoring case, to values. It is a tree, since paths of thousands of names
/// would take too much memory as strings. Ancestors of an added path have the value T{} unless they
/// were added themselves.
template <typename T>
class PathTree {
 public:
  using Node = FileId;  // numbered from the root

  static constexpr Node kRoot = 1;

  /// Returns the value of a path, which is added if it is missing.
  T& operator[](const ImagePath& path) {
    const auto& names = path.names();
    for (std::size_t i = cursor_.seek(path, names.size()); i < names.size(); ++i) {
      const Node above = cursor_.last();
      const auto entry = children_.find(above, names[i]);
      const Node node = entry ? children_.file(*entry) : static_cast<Node>(values_.size());
      if (!entry) {
        children_.add(above, names[i], node);
        values_.emplace_back();
      }
      cursor_.push(names[i], node);
    }
    return values_[cursor_.last()];
  }

  /// Returns nullopt if neither the path nor anything below it was added.
  std::optional<Node> find(const ImagePath& path) const {
    const auto& names = path.names();
    for (std::size_t i = cursor_.seek(path, names.size()); i < names.size(); ++i) {
      const auto child = find_child(cursor_.last(), names[i]);
      if (!child) {
        return std::nullopt;
      }
      cursor_.push(names[i], *child);
    }
    return cursor_.last();
  }

  std::optional<Node> find_child(Node node, std::u16string_view name) const {
    const auto entry = children_.find(node, name);
    return entry ? std::optional(children_.file(*entry)) : std::nullopt;
  }

  T value(Node node) const { return values_[node]; }

  /// Iterate over the entries of a node's children; name() and node() return an entry's name and
  /// child.
  std::optional<NameIndex::EntryId> first_of(Node node) const { return children_.first_of(node); }
  std::optional<NameIndex::EntryId> next_of(NameIndex::EntryId entry) const {
    return children_.next_of(entry);
  }
  std::u16string_view name(NameIndex::EntryId entry) const { return children_.name(entry); }
  Node node(NameIndex::EntryId entry) const { return children_.file(entry); }

 private:
  NameIndex children_;
  mutable LookupCursor cursor_{kRoot};  // only a cache for lookups
  std::vector<T> values_ = {T{}, T{}};  // by node; there is no node 0
};

}  // namespace cim::layer
