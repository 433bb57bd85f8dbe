// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Processes the utility VM of a layer when the layer is closed.
//
//   const auto report = process_utility_vm(files, {.cim_boot = …}, "\\cim-layers\\7.cim", now);
//   sidecars.add("uvmbuildversion", build_text(report.build));

#include <cstdint>
#include <filesystem>
#include <string>

#include "cimlib/filetime.h"
#include "cimlib/hive.h"
#include "cimlib/utility_vm.h"

#include "base/bytes.h"

namespace cim::layer {

/// The current paths of the VM's sidecar files; empty for those that the layer does not have.
struct UtilityVmFiles {
  std::filesystem::path software;  ///< hives
  std::filesystem::path system;
  std::filesystem::path boot_store;
};

/// Reads the build number, which is 0 if the hive has none and no edit is requested, and makes all
/// requested edits or none: each edited file is replaced by a rename. `image` is the path of the
/// layer's image on the share of the layers. Throws kCorrupt if a hive or store is damaged or
/// missing, and what bcd::edit_for_cim_boot throws.
UtilityVmReport process_utility_vm(const UtilityVmFiles& files, const UtilityVmOptions& options,
                                   const std::string& image, FileTime now);

/// Returns the build of Windows in a SOFTWARE hive, which `subject` names in errors. Throws
/// kCorrupt if it is missing or malformed.
std::uint16_t build_number(const registry::Hive& software, const std::string& subject);

/// Returns the SYSTEM hive edited to start from a CIM.
Bytes edit_system_for_cim_boot(const registry::Hive& system, FileTime now);

}  // namespace cim::layer
