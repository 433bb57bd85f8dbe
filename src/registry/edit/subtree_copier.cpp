// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/edit/subtree_copier.h"

namespace cim::registry {

DescriptorId SubtreeCopier::descriptor_of(const KeyView& key) {
  const std::uint32_t pointer = key.security_pointer();
  if (pointer == last_pointer_) {
    return last_id_;
  }
  const auto known = descriptors_.find(pointer);
  last_id_ = known != descriptors_.end() ? known->second : builder_.descriptor(key.descriptor());
  if (known == descriptors_.end()) {
    descriptors_.emplace(pointer, last_id_);
  }
  last_pointer_ = pointer;
  return last_id_;
}

KeyContent SubtreeCopier::content_of(const KeyView& key) {
  KeyContent content;
  content.name = key.name();
  content.time = key.time();
  content.flags = key.flags();
  content.layer = key.layer();
  content.control = key.control();
  content.debug = key.debug();
  content.class_name = key.class_name();
  content.descriptor = descriptor_of(key);
  return content;
}

ValueContent SubtreeCopier::content_of(const ValueView& value) {
  return {value.name(), value.type(), value.data(), value.is_tombstone()};
}

void SubtreeCopier::copy_values(const KeyView& key) {
  const ValueListView values = key.values();
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    builder_.add_value(content_of(values[i]));
  }
}

// The recursion is bounded: a validated hive has at most kMaxDepth levels.
void SubtreeCopier::copy(const KeyView& key) {
  builder_.begin_key(content_of(key));
  copy_values(key);
  for (SubkeyCursor child(key); !child.done(); child.next()) {
    copy(child.key());
  }
  builder_.end_key();
}

}  // namespace cim::registry
