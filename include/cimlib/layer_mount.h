// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Mounting images for containers, each at a path derived from the container's id.
//
//   const auto volume = cim::layer::mount("store/cim-layers/7.cim", "web-1");
//   ... volume / "Files" ...
//   cim::layer::unmount("store/cim-layers/7.cim", "web-1");
//
// The path is VOLUMES/GUID/mount. VOLUMES is /run/cimlib/volumes for root and
// $XDG_RUNTIME_DIR/cimlib/volumes for other users; GUID is the result of volume_id(). The
// directories are created and removed with the mount. No other state is kept: any process of the
// same user finds the mount through the container's id in the kernel's mount table, even after the
// mounting process or the server has crashed.
//
// A container has one volume. Concurrent calls for one container, also from different processes,
// are serialized. In builds without mount support every function throws kUnsupported.

#include <filesystem>
#include <optional>
#include <string_view>

#include "cimlib/export.h"
#include "cimlib/guid.h"
#include "cimlib/mount.h"

namespace cim::layer {

/// Returns the GUID of a container's volume: version 5, derived from the bytes of the id. Windows
/// mounts the container's image under the same GUID.
CIM_EXPORT Guid volume_id(std::string_view container_id);

/// Mounts an image for a container and returns the mount point. Throws kExists, naming the mount
/// point, if any image is mounted for the container; kNotFound for a user without a runtime
/// directory; and what mount::mount_in_background() throws. Forks the calling process as that
/// function does.
CIM_EXPORT std::filesystem::path mount(const std::filesystem::path& cim,
                                       std::string_view container_id,
                                       const mount::Options& options = {},
                                       const mount::ReadySink& ready = {});

/// Returns the mount point of the image for the container; nullopt if it is not mounted. The state
/// of the server is not checked; mount::list() reports it.
CIM_EXPORT std::optional<std::filesystem::path> mount_path(const std::filesystem::path& cim,
                                                           std::string_view container_id);

/// Unmounts the image. Throws kNotFound if the image is not mounted for the container, and what
/// mount::unmount() throws. After a failure the call can be repeated.
CIM_EXPORT void unmount(const std::filesystem::path& cim, std::string_view container_id,
                        mount::UnmountMode mode = mount::UnmountMode::kIfIdle);

/// Unmounts everything that is mounted for a container, whether or not its server is running, and
/// removes the remaining directories. Returns true if there was anything to remove. Throws kBusy if
/// a mount is in use or was not created by cimlib.
CIM_EXPORT bool cleanup_container_mounts(std::string_view container_id,
                                         mount::UnmountMode mode = mount::UnmountMode::kIfIdle);

}  // namespace cim::layer
