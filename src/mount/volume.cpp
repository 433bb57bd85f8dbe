// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/volume.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "mount/base/mount_table.h"
#include "mount/base/trusted_directory.h"
#include "os/file.h"
#include "os/host_path.h"
#include "os/system_error.h"

namespace cim::mount {
namespace {

constexpr const char* kOurName = "cimlib";
constexpr const char* kVolumesName = "volumes";
constexpr const char* kMountName = "mount";

// A process that mounts holds the lock until the image is ready.
constexpr std::chrono::minutes kLockTimeout{1};

// How often another process may remove the directory between its creation and its locking.
constexpr int kAttempts = 1000;

/// 6827367b-c388-4e9b-961c-6d2c936c0000. hcsshim intends 6827367b-c388-4e9b-95ec-961c6d2c936c, but
/// its literal lacks two bytes, so that it ends with zeros.
constexpr Guid kNameSpace = {{std::byte{0x68}, std::byte{0x27}, std::byte{0x36}, std::byte{0x7B},
                              std::byte{0xC3}, std::byte{0x88}, std::byte{0x4E}, std::byte{0x9B},
                              std::byte{0x96}, std::byte{0x1C}, std::byte{0x6D}, std::byte{0x2C},
                              std::byte{0x93}, std::byte{0x6C}, std::byte{0x00}, std::byte{0x00}}};

/// The user's runtime directory, which can be trusted: the user who runs the program sets it.
std::filesystem::path runtime_directory() {
  const char* const variable =
      std::getenv("XDG_RUNTIME_DIR");  // NOLINT(concurrency-mt-unsafe): no thread sets any
  std::filesystem::path directory = variable == nullptr ? "" : variable;
  if (!directory.is_absolute()) {
    directory = fmt::format("/run/user/{}", ::geteuid());
  }
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    throw Error(ErrorCode::kNotFound, directory.string(),
                "XDG_RUNTIME_DIR must name the user's runtime directory, where containers' images "
                "are mounted");
  }
  return directory;
}

}  // namespace

Guid volume_id(std::string_view container_id) {
  return Guid::named(kNameSpace, container_id);
}

std::filesystem::path volumes_directory() {
  const auto above = ::geteuid() == 0 ? std::filesystem::path("/run") : runtime_directory();
  return canonical_path(above) / kOurName / kVolumesName;
}

std::filesystem::path volume_mount_point(const Guid& id) {
  return volumes_directory() / id.to_string() / kMountName;
}

std::optional<Guid> volume_at(const std::filesystem::path& mount_point) {
  const auto volume = mount_point.parent_path();
  const auto volumes = volume.parent_path();
  if (mount_point.filename() != kMountName || volumes.filename() != kVolumesName ||
      volumes.parent_path().filename() != kOurName) {
    return std::nullopt;
  }
  const auto id = Guid::parse(volume.filename().string());
  return id && volume.filename() == id->to_string() ? id : std::nullopt;
}

Volume::Volume(std::filesystem::path directory, std::unique_ptr<DirectoryLock> lock)
    : directory_(std::move(directory)),
      mount_point_(directory_ / kMountName),
      lock_(std::move(lock)) {}

// Returns nullopt if another process removed the directory while this one waited for its lock.
std::optional<Volume> Volume::open(const TrustedDirectory& directory) {
  require_private(directory);
  try {
    return Volume(directory.path, std::make_unique<DirectoryLock>(directory.path, kLockTimeout));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound) {
      return std::nullopt;
    }
    if (error.code() == ErrorCode::kBusy) {
      throw Error(ErrorCode::kBusy, directory.path.string(),
                  "another process is mounting or unmounting there");
    }
    throw;
  }
}

/// Returns nullopt if another process removes a directory in the meantime: one that unmounts
/// removes all directories that are empty, also those that this process has just created and not
/// locked yet.
std::optional<Volume> Volume::try_make(const std::filesystem::path& path) {
  constexpr mode_t kMode = 0755;
  try {
    const TrustedDirectory directory = make_trusted_directory(path, kMode);
    auto volume = open(directory);
    if (volume) {
      require_private(make_trusted_child(directory, kMountName, kMode));
    }
    return volume;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound) {
      return std::nullopt;
    }
    throw;
  }
}

Volume Volume::make(const Guid& id) {
  const auto path = volumes_directory() / id.to_string();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (auto volume = try_make(path)) {
      return *std::move(volume);
    }
  }
  throw Error(ErrorCode::kBusy, path.string(), "another process keeps removing it");
}

std::optional<Volume> Volume::find(const Guid& id) {
  const auto directory = find_trusted_directory(volumes_directory() / id.to_string());
  return directory ? open(*directory) : std::nullopt;
}

std::optional<Volume> Volume::find_by_mount_point(const std::filesystem::path& mount_point) {
  const auto id = volume_at(mount_point);
  return id && mount_point == volume_mount_point(*id) ? find(*id) : std::nullopt;
}

// The mount point, the volume's directory, and the two above it that all volumes share.
void Volume::remove_directories() {
  auto directory = mount_point_;
  for (int level = 0; level < 4 && remove_empty_directory(directory); ++level) {
    directory = directory.parent_path();
  }
}

}  // namespace cim::mount
