// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What closing a layer does with its utility VM.
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

/// Where the VM's sidecar files are at present; empty for what the layer does not have.
struct UtilityVmFiles {
  std::filesystem::path software;  ///< hives
  std::filesystem::path system;
  std::filesystem::path boot_store;
};

/// Reads the build number, which is 0 if the hive has none and no edit is asked for, and makes the
/// edits asked for, or none: each edited file is replaced by a rename. `image` is the path of the
/// layer's image on the share of the layers. Throws kCorrupt for hives and stores that are not
/// sound or that are not there, and what bcd::edit_for_cim_boot throws.
UtilityVmReport process_utility_vm(const UtilityVmFiles& files, const UtilityVmOptions& options,
                                   const std::string& image, FileTime now);

/// The build of Windows by its SOFTWARE hive, which `subject` names in errors: what is missing or
/// wrong is kCorrupt.
std::uint16_t build_number(const registry::Hive& software, const std::string& subject);

/// The SYSTEM hive that starts from a CIM.
Bytes edit_system_for_cim_boot(const registry::Hive& system, FileTime now);

}  // namespace cim::layer
