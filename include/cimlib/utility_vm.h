// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The utility VM of a layer: the small Windows in which containers with Hyper-V isolation run,
// stored in the layer's directory UtilityVM. Closing such a layer writes the VM's build number to
// the file `uvmbuildversion` and, on request, prepares the VM to boot from the layer's image.

#include <cstdint>
#include <optional>
#include <string_view>

#include "cimlib/bcd.h"
#include "cimlib/export.h"

namespace cim::layer {

/// Last build of Windows that cannot boot from a CIM.
inline constexpr std::uint32_t kLastBuildWithoutCimBoot = 20348;

/// How to treat the utility VM.
struct UtilityVmOptions {
  /// If set, edits the VM's SYSTEM hive and boot store so that the VM boots from the layer's image.
  /// `scratch` must name the scratch disk, which cimlib does not create, and `unverified` must be
  /// kAccept. An empty `cim` stands for the layer's own image. If nullopt, nothing is edited.
  std::optional<bcd::CimBootOptions> cim_boot = {};
};

/// Result of preparing the VM for booting from a CIM.
enum class CimBootState {
  kNotRequested,  ///< not requested; the VM is unchanged
  kTooOld,        ///< requested, but the build is too old; the VM is unchanged
  kEdited,        ///< hive and boot store were edited; no VM has been booted with such edits
};

/// Returns a name for programs: "not-asked", "too-old" or "edited". Names are stable across
/// releases.
CIM_EXPORT std::string_view to_string(CimBootState state) noexcept;

/// Findings about the utility VM and the edits made when closing a layer.
struct UtilityVmReport {
  std::uint32_t build = 0;  ///< build number of the VM's Windows
  CimBootState cim_boot = CimBootState::kNotRequested;
  std::optional<bcd::CimBootReport> boot_store = {};  ///< present if the boot store was edited
};

}  // namespace cim::layer
