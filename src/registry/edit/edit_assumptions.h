// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Assumptions about offline hive editing that no public source documents, one function for each.

#include "cimlib/filetime.h"

#include "registry/edit/mutable_tree.h"

namespace cim::registry {

/// Returns the attributes that a new key has unless the caller sets others. The descriptor is a
/// full copy of the parent's; exact inheritance would keep only the inheritable entries.
ModelAttributes assumed_attributes_of_new_key(ModelKey& parent, FileTime time);

/// Sets the time of a key after a value was changed or a subkey was added or deleted.
void assumed_time_of_change(ModelKey& key, FileTime time);

/// Returns the minor version of a hive saved for a version of Windows; nullopt if that is unknown.
std::optional<std::uint32_t> assumed_minor_version_for(OsVersion version) noexcept;

}  // namespace cim::registry
