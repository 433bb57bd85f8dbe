// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A boot configuration store like that of a utility VM: a boot manager, a loader that boots from
// the host's share, and settings that both inherit.

#include <string>
#include <string_view>

#include "cimlib/bcd.h"
#include "cimlib/hive.h"

#include "base/bytes.h"

namespace cim::test {

inline constexpr std::string_view kSampleEntry = "{4636856e-540f-4170-a130-a84776f4c654}";

/// Returns the store in version 1.5, for a test to change and save.
registry::HiveEditor sample_store_editor();
/// Returns the same store in version 1.3, which real stores have.
Bytes sample_store();
registry::Hive hive_of(Bytes bytes);

/// Returns options with disk {0d1c2b3a-4958-6776-8594-a3b2c1d0e0f1}, partition
/// {f1e0d0c1-b2a3-9485-7667-58493a2b1c0d} and image \cim-layers\42.cim that accept unverified
/// behaviour.
bcd::CimBootOptions sample_boot_options();

/// Returns the path of an element's key.
std::string sample_element(std::string_view object, std::string_view element);
/// Returns the data of an element; empty if the object does not have it.
Bytes element_data(const registry::Hive& store, std::string_view object, std::string_view element);

}  // namespace cim::test
