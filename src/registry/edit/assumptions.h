// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Assumptions about offline hive editing and the merging of delta hives that no public source
// documents, one function for each, so that new knowledge changes only one function. None of them
// has been compared with the results of offreg or ORMergeHives.

#include <cstdint>

#include "cimlib/filetime.h"
#include "cimlib/hive.h"

#include "base/bytes.h"
#include "registry/edit/mutable_tree.h"
#include "registry/format/cell_views.h"
#include "registry/format/name.h"

namespace cim::registry {

/// Returns the attributes that a new key has unless the caller sets others. The descriptor is a
/// full copy of the parent's; exact inheritance would keep only the inheritable entries.
/// Virtualization flags are passed on only if the parent's say so, as ORSetVirtualFlags documents.
MutableAttributes assumed_attributes_of_new_key(MutableKey& parent, FileTime time);

/// Sets the time of a key after a value was changed or a subkey was added or deleted.
void assumed_time_of_change(MutableKey& key, FileTime time);

/// Returns the minor version of a hive saved for a version of Windows; nullopt if that is unknown.
std::optional<std::uint32_t> assumed_minor_version_for(OsVersion version) noexcept;

/// The keys at one path in both hives, and how the delta's key affects the base's.
struct KeyPair {
  const KeyView& base;
  const KeyView& delta;
  LayerSemantics semantics;  ///< of the delta's; not kTombstone
  bool is_root;
};

/// Returns the key whose descriptor the result gets. Deltas carry full copies of descriptors, but
/// the root of a delta has the descriptor of a newly created hive.
const KeyView& assumed_descriptor_owner(const KeyPair& pair) noexcept;

/// Returns the class of a key that is in both hives.
ByteView assumed_class(const KeyPair& pair) noexcept;
/// Returns the class of a key that has no counterpart in the base, and so no class to inherit.
ByteView assumed_class_without_base(const KeyView& delta) noexcept;

/// Returns the spelling of a key's name.
Name assumed_key_name(const KeyPair& pair) noexcept;
/// Returns the spelling of the name of a value that is in both hives.
Name assumed_value_name(const ValueView& base, const ValueView& delta) noexcept;

/// Returns the symbolic link, virtualization and old user flags.
std::uint16_t assumed_flags(const KeyPair& pair) noexcept;
std::uint8_t assumed_control(const KeyPair& pair) noexcept;
std::uint8_t assumed_debug(const KeyPair& pair) noexcept;
FileTime assumed_time(const KeyPair& pair) noexcept;

/// Returns the minor version of a merged hive, whatever the versions of its sources.
std::uint32_t assumed_merged_minor_version() noexcept;

/// Returns the semantics that apply to a key inside a superseded tree: a tombstone remains one, all
/// others supersede.
LayerSemantics assumed_semantics_inside_tree(LayerSemantics stated) noexcept;

}  // namespace cim::registry
