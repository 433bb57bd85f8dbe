// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Images mounted for containers, each container's at a place that follows from its id.
//
//   const auto volume = cim::layer::mount("store/cim-layers/7.cim", "web-1");
//   ... volume / "Files" ...
//   cim::layer::unmount("store/cim-layers/7.cim", "web-1");
//
// The place is VOLUMES/GUID/mount; VOLUMES is /run/cimlib/volumes for root, and cimlib/volumes in
// $XDG_RUNTIME_DIR for other users; GUID is what volume_id() gives. The directories come and go
// with the mount. Nothing else is kept of it: any process of the same user finds it by the
// container's id in the kernel's mount table, also after a crash of whoever mounted, or of the
// server.
//
// A container has one volume. Two processes that mount, unmount or clean up for one container at
// the same time do it one after the other. In builds that cannot mount all that works here throws
// kUnsupported.

#include <filesystem>
#include <optional>
#include <string_view>

#include "cimlib/export.h"
#include "cimlib/guid.h"
#include "cimlib/mount.h"

namespace cim::layer {

/// The GUID of a container's volume, the one by which Windows mounts images for it too: version 5,
/// from the bytes of the id.
CIM_EXPORT Guid volume_id(std::string_view container_id);

/// Mounts an image for a container and returns where it shows. Throws kExists, naming the place, if
/// the container's volume has an image already, this one or another; what
/// mount::mount_in_background() throws; kNotFound for a user without a runtime directory. Forks as
/// that does.
CIM_EXPORT std::filesystem::path mount(const std::filesystem::path& cim,
                                       std::string_view container_id,
                                       const mount::Options& options = {},
                                       const mount::ReadySink& ready = {});

/// Where that image is mounted for that container, or nothing if it isn't. Says nothing of its
/// server; mount::list() does.
CIM_EXPORT std::optional<std::filesystem::path> mount_path(const std::filesystem::path& cim,
                                                           std::string_view container_id);

/// Takes that mount away. Throws kNotFound if that image isn't mounted for that container, and what
/// mount::unmount() throws; after a failure it can be tried again.
CIM_EXPORT void unmount(const std::filesystem::path& cim, std::string_view container_id,
                        mount::UnmountMode mode = mount::UnmountMode::kIfIdle);

/// Takes away whatever is mounted for a container, its server living or dead, and what directories
/// are left; all it needs to know is the id. Returns whether there was anything. Throws kBusy while
/// something there is in use, and for a mount that is none of ours.
CIM_EXPORT bool cleanup_container_mounts(std::string_view container_id,
                                         mount::UnmountMode mode = mount::UnmountMode::kIfIdle);

}  // namespace cim::layer
