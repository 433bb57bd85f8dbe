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

#include "base/file.h"
#include "base/system_error.h"
#include "mount/mount_table.h"

namespace cim::mount {
namespace {

constexpr const char* kOurName = "cimlib";
constexpr const char* kVolumesName = "volumes";
constexpr const char* kMountName = "mount";

// Whoever mounts keeps the lock until the image answers.
constexpr std::chrono::minutes kVolumePatience{1};

// How often another process may take the directory away between its making and its locking.
constexpr int kAttempts = 1000;

/// 6827367b-c388-4e9b-961c-6d2c936c0000. hcsshim means 6827367b-c388-4e9b-95ec-961c6d2c936c, but
/// two bytes are missing where it spells it out, and zeros stand at the end.
constexpr Guid kNameSpace = {{std::byte{0x68}, std::byte{0x27}, std::byte{0x36}, std::byte{0x7B},
                              std::byte{0xC3}, std::byte{0x88}, std::byte{0x4E}, std::byte{0x9B},
                              std::byte{0x96}, std::byte{0x1C}, std::byte{0x6D}, std::byte{0x2C},
                              std::byte{0x93}, std::byte{0x6C}, std::byte{0x00}, std::byte{0x00}}};

/// Of a user; nobody but whoever starts the program sets it.
std::filesystem::path runtime_directory() {
  const char* const variable =
      std::getenv("XDG_RUNTIME_DIR");  // NOLINT(concurrency-mt-unsafe): nobody here sets any
  std::filesystem::path directory = variable == nullptr ? "" : variable;
  if (!directory.is_absolute()) {
    directory = fmt::format("/run/user/{}", ::geteuid());
  }
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    throw Error(ErrorCode::kNotFound, directory.string(),
                "no directory; the user's runtime directory is wanted for containers' mounts, "
                "and XDG_RUNTIME_DIR names it");
  }
  return directory;
}

/// Nobody but its owner may write there. Returns whether the directory above is there.
bool make_volume_directory(const std::filesystem::path& path) {
  constexpr mode_t kMode = 0755;
  if (::mkdir(path.c_str(), kMode) == 0 || errno == EEXIST) {
    return true;
  }
  if (errno != ENOENT) {
    throw_system_error(errno, path.string(), "make a directory");
  }
  return false;
}

bool make_volume_directories(const std::filesystem::path& volume) {
  const auto volumes = volume.parent_path();
  return make_volume_directory(volumes.parent_path()) && make_volume_directory(volumes) &&
         make_volume_directory(volume);
}

}  // namespace

Guid volume_id(std::string_view container_id) {
  return Guid::named(kNameSpace, container_id);
}

std::filesystem::path volumes_directory() {
  const auto above = ::geteuid() == 0 ? std::filesystem::path("/run") : runtime_directory();
  return std::filesystem::canonical(above) / kOurName / kVolumesName;
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

std::optional<Volume> Volume::open(const std::filesystem::path& directory) {
  try {
    return Volume(directory, std::make_unique<DirectoryLock>(directory, kVolumePatience));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound) {
      return std::nullopt;
    }
    if (error.code() == ErrorCode::kBusy) {
      throw Error(ErrorCode::kBusy, directory.string(),
                  "another process is mounting or unmounting there");
    }
    throw;
  }
}

Volume Volume::make(const Guid& id) {
  const auto directory = volumes_directory() / id.to_string();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto volume = make_volume_directories(directory) ? open(directory) : std::nullopt;
    if (volume && make_volume_directory(volume->mount_point_)) {
      return *std::move(volume);
    }
  }
  throw Error(ErrorCode::kBusy, directory.string(), "another process keeps removing it");
}

std::optional<Volume> Volume::find(const Guid& id) {
  return open(volumes_directory() / id.to_string());
}

std::optional<Volume> Volume::find_by_mount_point(const std::filesystem::path& mount_point) {
  return open(mount_point.parent_path());
}

void Volume::remove_directories() {
  auto directory = mount_point_;
  for (int level = 0; level < 4 && remove_empty_directory(directory); ++level) {
    directory = directory.parent_path();
  }
}

}  // namespace cim::mount
