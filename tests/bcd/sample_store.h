// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A boot configuration store as a utility VM has one: a boot manager, a loader that boots from the
// host's share, and settings that both inherit.

#include <string>
#include <string_view>

#include "cimlib/bcd.h"
#include "cimlib/hive.h"

#include "base/bytes.h"

namespace cim::test {

inline constexpr std::string_view kSampleEntry = "{4636856e-540f-4170-a130-a84776f4c654}";

/// To change further and save; of version 1.5.
registry::HiveEditor sample_store_editor();
/// The same in version 1.3, which stores have.
Bytes sample_store();
registry::Hive hive_of(Bytes bytes);

/// Options with disk {0d1c2b3a-4958-6776-8594-a3b2c1d0e0f1}, partition
/// {f1e0d0c1-b2a3-9485-7667-58493a2b1c0d}, image \cim-layers\42.cim, and what is unverified
/// accepted.
bcd::CimBootOptions sample_boot_options();

/// Path of an element's key.
std::string sample_element(std::string_view object, std::string_view element);
/// Data of an element; empty if there is none.
Bytes element_data(const registry::Hive& store, std::string_view object, std::string_view element);

}  // namespace cim::test
