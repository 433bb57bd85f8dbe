// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What no public source states about editing a hive offline: one function for each inference.

#include "cimlib/filetime.h"

#include "registry/edit/mutable_tree.h"

namespace cim::registry {

/// What a new key has before anybody says otherwise: the descriptor is its parent's as a whole,
/// where exact inheritance would keep the inheritable entries alone.
ModelAttributes assumed_attributes_of_new_key(ModelKey& parent, FileTime time);

/// A changed value or a new or deleted subkey sets the key's time.
void assumed_time_of_change(ModelKey& key, FileTime time);

/// The minor version of a hive saved for a version of Windows; nothing for an unknown one.
std::optional<std::uint32_t> assumed_minor_version_for(OsVersion version) noexcept;

}  // namespace cim::registry
