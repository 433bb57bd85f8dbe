// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What no public source states about the merging of a delta hive: one function for each inference,
// so that knowing better changes one place. None of it was compared with a run of ORMergeHives.

#include <cstdint>

#include "cimlib/filetime.h"
#include "cimlib/hive.h"

#include "base/bytes.h"
#include "registry/format/cell_views.h"
#include "registry/format/name.h"

namespace cim::registry {

/// The keys of one path in both hives, and what the delta's does to the base's.
struct KeyPair {
  const KeyView& base;
  const KeyView& delta;
  LayerSemantics semantics;  ///< of the delta's; not kTombstone
  bool is_root;
};

/// The key whose descriptor the result has: deltas carry full copies of descriptors, but the root
/// of a delta has that of a newly made hive.
const KeyView& assumed_descriptor_owner(const KeyPair& pair) noexcept;

/// The class of a key that both have.
ByteView assumed_class(const KeyPair& pair) noexcept;
/// The class of a key that nothing lies below: there is none to inherit.
ByteView assumed_class_without_base(const KeyView& delta) noexcept;

/// The spelling of a key's name.
Name assumed_key_name(const KeyPair& pair) noexcept;
/// The spelling of a value's name that both have.
Name assumed_value_name(const ValueView& base, const ValueView& delta) noexcept;

/// Symbolic link, virtualization and the old user flags.
std::uint16_t assumed_flags(const KeyPair& pair) noexcept;
std::uint8_t assumed_control(const KeyPair& pair) noexcept;
std::uint8_t assumed_debug(const KeyPair& pair) noexcept;
FileTime assumed_time(const KeyPair& pair) noexcept;

/// The minor version of a merged hive, whatever those of its sources.
std::uint32_t assumed_merged_minor_version() noexcept;

/// What a key inside a superseded tree does, whatever it says: only a tombstone differs.
LayerSemantics assumed_semantics_inside_tree(LayerSemantics stated) noexcept;

}  // namespace cim::registry
