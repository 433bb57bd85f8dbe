// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <filesystem>
#include <optional>

#include "cimlib/error.h"
#include "cimlib/layer_mount.h"

// For builds that cannot mount.

namespace cim::layer {
namespace {

[[noreturn]] void refuse(std::string_view container_id) {
  throw Error(ErrorCode::kUnsupported, std::string(container_id),
              "mounting is not supported by this build of cimlib");
}

}  // namespace

Guid volume_id(std::string_view container_id) {
  refuse(container_id);
}

std::filesystem::path mount(const std::filesystem::path& /*cim*/, std::string_view container_id,
                            const mount::Options& /*options*/, const mount::ReadySink& /*ready*/) {
  refuse(container_id);
}

std::optional<std::filesystem::path> mount_path(const std::filesystem::path& /*cim*/,
                                                std::string_view container_id) {
  refuse(container_id);
}

void unmount(const std::filesystem::path& /*cim*/, std::string_view container_id,
             mount::UnmountMode /*mode*/) {
  refuse(container_id);
}

bool cleanup_container_mounts(std::string_view container_id, mount::UnmountMode /*mode*/) {
  refuse(container_id);
}

}  // namespace cim::layer
