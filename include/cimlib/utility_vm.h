// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The utility VM of a layer: the small Windows that containers with Hyper-V isolation run in, in
// the layer's directory UtilityVM. Closing such a layer notes the VM's build number in the file
// `uvmbuildversion`, and if asked prepares the VM to boot from the layer's image.

#include <cstdint>
#include <optional>
#include <string_view>

#include "cimlib/bcd.h"
#include "cimlib/export.h"

namespace cim::layer {

/// Only later builds of Windows can boot from a CIM.
inline constexpr std::uint32_t kLastBuildWithoutCimBoot = 20348;

struct UtilityVmOptions {
  /// Edits the VM's SYSTEM hive and its boot store, so that it boots from the layer's image. The
  /// scratch disk, which cimlib does not make, must be named, and what is unverified accepted. An
  /// empty path of the image stands for the layer's own. Nothing is edited without this.
  std::optional<bcd::CimBootOptions> cim_boot = {};
};

enum class CimBootState {
  kNotAsked,  ///< the VM stays as it was
  kTooOld,    ///< asked, but its build can't: it stays as it was
  kEdited,    ///< hive and boot store are edited; nobody has booted one
};

/// Name for programs: "not-asked", "too-old", "edited"; valid for ever.
CIM_EXPORT std::string_view to_string(CimBootState state) noexcept;

/// What closing a layer found and did.
struct UtilityVmReport {
  std::uint32_t build = 0;
  CimBootState cim_boot = CimBootState::kNotAsked;
  std::optional<bcd::CimBootReport> boot_store = {};  ///< if edited
};

}  // namespace cim::layer
