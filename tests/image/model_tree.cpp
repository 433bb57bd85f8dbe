// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/model_tree.h"

#include <utility>

namespace cim::test {
namespace {

using Copies = std::map<const ModelNode*, std::shared_ptr<ModelNode>>;

std::shared_ptr<ModelNode> copy_of(const std::shared_ptr<ModelNode>& node, Copies& copies) {
  auto& copy = copies[node.get()];
  if (!copy) {
    copy = std::make_shared<ModelNode>(*node);
    for (auto& [name, child] : copy->entries) {
      child = copy_of(child, copies);
    }
  }
  return copies[node.get()];
}

}  // namespace

ModelTree ModelTree::clone() const {
  ModelTree tree;
  Copies copies;
  tree.root_ = copy_of(root_, copies);
  return tree;
}

std::shared_ptr<ModelNode> ModelTree::find(const ImagePath& path) const {
  std::shared_ptr<ModelNode> node = root_;
  for (const std::u16string& name : path.names()) {
    const auto found = node->entries.find(name);
    if (found == node->entries.end()) {
      return nullptr;
    }
    node = found->second;
  }
  return node;
}

bool ModelTree::create(const ImagePath& path, ModelNode node) {
  const auto parent = find(path.parent());
  if (path.is_root() || !parent || !parent->is_directory) {
    return false;
  }
  const std::u16string name(path.name());
  const auto existing = parent->entries.find(name);
  if (existing != parent->entries.end() && existing->second->is_directory && node.is_directory) {
    node.entries = std::move(existing->second->entries);
    *existing->second = std::move(node);
    return true;
  }
  parent->entries.erase(name);  // the new spelling counts
  parent->entries[name] = std::make_shared<ModelNode>(std::move(node));
  return true;
}

bool ModelTree::replace_metadata(const ImagePath& path, const ModelNode& node) {
  const auto found = find(path);
  if (!found || found->is_directory != node.is_directory) {
    return false;
  }
  found->attributes = node.attributes;
  found->time = node.time;
  return true;
}

bool ModelTree::create_stream(const ImagePath& path, const std::u16string& name, std::string data) {
  const auto file = find(path);
  if (!file) {
    return false;
  }
  file->streams[name] = std::move(data);
  return true;
}

bool ModelTree::link(const ImagePath& path, const ImagePath& existing) {
  const auto target = find(existing);
  const auto parent = find(path.parent());
  if (path.is_root() || !target || target->is_directory || !parent || !parent->is_directory) {
    return false;
  }
  const std::u16string name(path.name());
  const auto replaced = parent->entries.find(name);
  if (replaced != parent->entries.end()) {
    if (replaced->second == target) {
      return true;
    }
    if (replaced->second->is_directory) {
      return false;
    }
    parent->entries.erase(replaced);
  }
  parent->entries[name] = target;
  return true;
}

bool ModelTree::rename(const ImagePath& from, const ImagePath& to) {
  const auto node = find(from);
  const auto parent = find(to.parent());
  const bool is_other_spelling = to.equals_ignoring_case(from);
  if (from.is_root() || to.is_root() || !node || !parent || !parent->is_directory ||
      (!is_other_spelling && (to.starts_with(from) || find(to)))) {
    return false;
  }
  find(from.parent())->entries.erase(std::u16string(from.name()));
  parent->entries[std::u16string(to.name())] = node;
  return true;
}

bool ModelTree::remove(const ImagePath& path) {
  const auto parent = path.is_root() ? nullptr : find(path.parent());
  return parent != nullptr && parent->entries.erase(std::u16string(path.name())) != 0;
}

}  // namespace cim::test
