// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Walks a hive from the root, key by key. Each cell is marked as used when a pointer to it is
// followed; a cell that two pointers share, or a cycle, is therefore found at the second one.
#include "registry/read/tree_validator.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace cim::registry {
TreeValidator::TreeValidator(const CellMap& cells, const CellSpace& space, FindingSink& sink)
    : cells_(cells),
      space_(space),
      sink_(sink),
      wants_warnings_(sink.wants(Severity::kWarning)),
      wants_notes_(sink.wants(Severity::kNote)),
      used_(space.bins.size()) {}

/// Starts at the root, which has no parent and no list that could have a hash of its name.
TreeFacts TreeValidator::run(std::uint32_t root) {
  if (const auto head = open_key(root, 0)) {
    if (wants_notes_ && (head->record.flags & kKeyHiveEntry) == 0) {
      find(Severity::kNote, root, "the root is not flagged as root");
    }
    walk_key(root, *head);
  }
  return facts_;
}

/// The path of a key is built only if the finding will be shown: a damaged hive may have millions.
void TreeValidator::find(Severity severity, std::uint32_t pointer, std::string text) {
  if (sink_.wants(severity)) {
    sink_.add(severity, std::uint64_t{kBaseBlockSize} + pointer, std::move(text),
              sink_.shows(severity) ? path() : std::string());
  }
}

/// Returns the path of the key being examined, or its last part if it is long. The root's name is
/// omitted.
std::string TreeValidator::path() const {
  constexpr std::size_t kMaxPathSize = 1000;  // so that findings need no more memory than the hive
  std::string text;
  for (std::size_t i = open_keys_.size(); i > 1; --i) {
    const std::string name = KeyView(space_, open_keys_[i - 1]).name().to_wtf8();
    if (text.size() + name.size() > kMaxPathSize) {
      return "...\\" + text;
    }
    text.insert(0, text.empty() ? name : name + "\\");
  }
  return text;
}

// ---- cells ----

/// Follows a pointer that cell `from` contains; nullopt if it does not lead to an unused cell.
std::optional<ByteView> TreeValidator::use_cell(std::uint32_t pointer, std::uint32_t from,
                                                std::string_view what) {
  if (!cells_.is_allocated(pointer)) {
    damage(from,
           fmt::format("the pointer to {}, {:#x}: {}", what, pointer, cells_.fault_of(pointer)));
    return std::nullopt;
  }
  if (!used_.insert(pointer)) {
    damage(from,
           fmt::format("the pointer to {}, {:#x}: the cell is already in use", what, pointer));
    return std::nullopt;
  }
  return cell_data(space_.bins, pointer);
}

/// Follows a pointer to a cell that must contain a record of one kind.
std::optional<ByteView> TreeValidator::use_record(std::uint32_t pointer, std::uint32_t from,
                                                  const Signature2& signature, std::size_t size,
                                                  std::string_view what) {
  const auto data = use_cell(pointer, from, what);
  if (!data) {
    return std::nullopt;
  }
  if (data->size() < size) {
    damage(pointer, fmt::format("{} in a cell of only {} bytes", what, data->size()));
    return std::nullopt;
  }
  if (load<Signature2>(*data, 0) != signature) {
    damage(pointer, fmt::format("{} without its signature '{}'", what,
                                std::string_view(signature.data(), signature.size())));
    return std::nullopt;
  }
  return data;
}

// ---- keys ----

/// Examines everything of a key that its list needs to know, before anything below it.
std::optional<TreeValidator::KeyHead> TreeValidator::open_key(std::uint32_t pointer,
                                                              std::uint32_t from) {
  const auto data = use_record<KeyRecord>(pointer, from, kKeySignature, "a key");
  if (!data) {
    return std::nullopt;
  }
  KeyHead head{load<KeyRecord>(*data, 0), {}};
  if (!check_key_name(pointer, head, *data) || !check_key_flags(pointer, head.record.flags)) {
    return std::nullopt;
  }
  head.name = KeyView(space_, pointer).name();
  if (head.name.contains(u'\\')) {
    damage(pointer, "the name of a key contains a backslash");
    return std::nullopt;
  }
  if (wants_notes_ && !head.name.compressed() && head.name.compressible()) {
    find(Severity::kNote, pointer, "a key's name is unnecessarily stored in UTF-16");
  }
  return head;
}

bool TreeValidator::check_key_name(std::uint32_t pointer, const KeyHead& head, ByteView data) {
  const std::uint32_t size = head.record.name_size;
  const bool compressed = (head.record.flags & kKeyCompressedName) != 0;
  if (size == 0 || size > kMaxKeyNameSize) {
    damage(pointer, fmt::format("a key with a name of {} bytes, which must have 1 to 512", size));
    return false;
  }
  if (size > data.size() - sizeof(KeyRecord)) {
    damage(pointer, fmt::format("a key's name of {} bytes in a cell with room for {}", size,
                                data.size() - sizeof(KeyRecord)));
    return false;
  }
  if (!compressed && size % 2 != 0) {
    damage(pointer, fmt::format("a key's UTF-16 name with an odd size of {} bytes", size));
    return false;
  }
  return true;
}

/// Rejects keys that exist only in memory, or only in a hive that others are mounted in.
bool TreeValidator::check_key_flags(std::uint32_t pointer, std::uint16_t flags) {
  if ((flags & kKeyVolatile) != 0) {
    damage(pointer, "a volatile key in a file");
    return false;
  }
  if ((flags & kKeyHiveExit) != 0) {
    damage(pointer, "a mount point of another hive in a file");
    return false;
  }
  if ((flags & kKeyPredefinedHandle) != 0) {
    damage(pointer, "a predefined-handle key, which is obsolete");
    return false;
  }
  return true;
}

// The depth, and with it the recursion through walk_subkey, is limited to kMaxDepth.
void TreeValidator::walk_key(std::uint32_t pointer, const KeyHead& head) {
  if (open_keys_.size() >= kMaxDepth) {
    damage(pointer, "a key nested more than 512 levels deep");
    return;
  }
  check_parent(pointer, head.record);
  open_keys_.push_back(pointer);
  ++facts_.keys;
  note_layer_bits(head.record);
  check_layer(pointer, head.record);
  check_security(pointer, head.record.security);
  check_class(pointer, head.record);
  Longest longest;
  walk_values(pointer, head.record, longest);
  walk_subkeys(pointer, head.record, longest);
  if (wants_warnings_) {
    check_longest(pointer, head.record, longest);
  }
  if (superseding_depth_ == open_keys_.size()) {
    superseding_depth_ = kNoSupersedingKey;
  }
  open_keys_.pop_back();
}

/// Readers come from above and do not need the parent, so a wrong one is not damage.
void TreeValidator::check_parent(std::uint32_t pointer, const KeyRecord& record) {
  if (wants_warnings_ && !open_keys_.empty() && record.parent != open_keys_.back()) {
    find(Severity::kWarning, pointer,
         fmt::format("a key that names {:#x} as its parent, but is a subkey of {:#x}",
                     std::uint32_t{record.parent}, open_keys_.back()));
  }
  if (wants_notes_ && !open_keys_.empty() && (record.flags & kKeyHiveEntry) != 0) {
    find(Severity::kNote, pointer, "a key below the root is flagged as root");
  }
}

/// Layer bits have a meaning only in a delta; a merge must know whether another hive has some.
void TreeValidator::note_layer_bits(const KeyRecord& record) {
  if ((record.layer & kLayerMask) == 0) {
    return;
  }
  if (!space_.layered && !facts_.has_layer_bits) {
    find(Severity::kNote, open_keys_.back(), "layer bits in a hive that is not marked as layered");
  }
  facts_.has_layer_bits = true;
}

/// Reports layer bits that a delta should not have; merging tolerates them.
void TreeValidator::check_layer(std::uint32_t pointer, const KeyRecord& record) {
  if (!space_.layered) {
    return;
  }
  const auto semantics = static_cast<LayerSemantics>(record.layer & kLayerSemanticsMask);
  const bool inside_tree = superseding_depth_ < open_keys_.size();
  if (semantics == LayerSemantics::kTombstone) {
    if (open_keys_.size() == 1) {
      find(Severity::kNote, pointer, "the root is a tombstone");
    }
    if (record.subkey_count != 0 || record.value_count != 0 || record.class_size != 0) {
      find(Severity::kNote, pointer, "a deleted key has values, subkeys or a class");
    }
  } else if (semantics == LayerSemantics::kSupersedeTree) {
    superseding_depth_ = std::min(superseding_depth_, open_keys_.size());
  } else if (inside_tree) {
    find(Severity::kNote, pointer, "a key inside one that supersedes its tree is not marked so");
  }
}

/// The class is UTF-16 in a cell of its own.
void TreeValidator::check_class(std::uint32_t pointer, const KeyRecord& record) {
  const std::uint32_t size = record.class_size;
  if (size == 0) {
    return;
  }
  const auto data = use_cell(record.class_name, pointer, "the class name");
  if (data && size > data->size()) {
    damage(pointer,
           fmt::format("a class name of {} bytes in a cell with room for {}", size, data->size()));
  }
  if (size % 2 != 0) {
    damage(pointer, fmt::format("a UTF-16 class name with an odd size of {} bytes", size));
  }
}

/// Programs size their buffers by these values, so one that is too small is worse than one that is
/// too large.
void TreeValidator::check_longest(std::uint32_t pointer, const KeyRecord& record,
                                  const Longest& longest) {
  const auto check = [&](std::uint32_t stored, std::uint32_t due, std::string_view what) {
    if (stored != due) {
      find(stored < due ? Severity::kWarning : Severity::kNote, pointer,
           fmt::format("the longest {} has a recorded size of {} bytes, but has {}", what, stored,
                       due));
    }
  };
  check(record.largest_subkey_name, longest.subkey_name, "name of a subkey");
  check(record.largest_subkey_class, longest.subkey_class, "class of a subkey");
  check(record.largest_value_name, longest.value_name, "name of a value");
  check(record.largest_value_data, longest.value_data, "data of a value");
}

// ---- descriptors ----

/// Neighbouring keys mostly have the same descriptor, so the last one is remembered.
void TreeValidator::check_security(std::uint32_t pointer, std::uint32_t security) {
  if (last_security_count_ != nullptr && security == last_security_) {
    ++*last_security_count_;
    return;
  }
  auto known = descriptors_.find(security);
  if (known == descriptors_.end()) {
    const auto data =
        use_record<SecurityRecord>(security, pointer, kSecuritySignature, "a security descriptor");
    if (!data || !check_descriptor(security, *data)) {
      return;
    }
    known = descriptors_.emplace(security, 0).first;
  }
  ++known->second;
  last_security_ = security;
  last_security_count_ = &known->second;
}

/// Checks only that the parts are inside; their contents are kept as they are.
bool TreeValidator::check_descriptor(std::uint32_t pointer, ByteView data) {
  const std::uint32_t size = load<SecurityRecord>(data, 0).descriptor_size;
  const std::size_t room = data.size() - sizeof(SecurityRecord);
  if (size > room || size < sizeof(DescriptorHeader)) {
    damage(pointer,
           fmt::format("a security descriptor of {} bytes, which must have 20 to {}", size, room));
    return false;
  }
  constexpr std::uint16_t kSelfRelative = 0x8000;
  const auto head = load<DescriptorHeader>(data, sizeof(SecurityRecord));
  if (head.revision != 1 || (head.control & kSelfRelative) == 0) {
    damage(pointer, fmt::format("a security descriptor of revision {} and control {:#x}, expected "
                                "a self-relative one of revision 1",
                                head.revision, std::uint16_t{head.control}));
    return false;
  }
  for (const std::uint32_t offset : {head.owner, head.group, head.sacl, head.dacl}) {
    if (offset != 0 && (offset < sizeof(DescriptorHeader) || offset >= size)) {
      damage(pointer,
             fmt::format("a part of the security descriptor at {:#x}, outside its {} bytes", offset,
                         size));
      return false;
    }
  }
  return true;
}

}  // namespace cim::registry
