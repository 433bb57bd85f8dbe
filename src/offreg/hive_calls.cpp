// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The functions that handle whole hives, and those about the library itself.
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/filetime.h"
#include "cimlib/hive.h"

#include "offreg/arguments.h"
#include "offreg/offline_hive.h"
#include "offreg/offreg.h"
#include "offreg/result.h"
#include "os/file.h"
#include "os/host_path.h"
#include "registry/read/hive_data.h"

namespace cim::offreg {
namespace {

ORHKEY create_hive() {
  const auto hive = std::make_shared<OfflineHive>(FileTime::now());
  return OfflineHive::open(hive, hive->root());
}

// A directory is not distinguished from a file that may not be read.
void check_size_of(const std::filesystem::path& path) {
  constexpr std::uint64_t kMaxSize = 0xFFFFFFFF;
  try {
    const std::uint64_t size = File::open_read(path).size();
    if (size == 0 || size > kMaxSize) {
      fail(ERROR_BADDB);
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInvalidArgument) {
      fail(ERROR_ACCESS_DENIED);
    }
    throw;
  }
}

ORHKEY open_hive(PCWSTR text) {
  const auto path = file_path_of(text);
  check_size_of(path);
  return open_hive_in_memory(registry::read_hive_file(path), path.string());
}

void close_hive(ORHKEY handle) {
  const KeyAccess access(handle);
  if (!access.is_root()) {
    fail(ERROR_INVALID_PARAMETER);
  }
  access.hive().close();
}

void save_hive(ORHKEY handle, PCWSTR text, registry::OsVersion version) {
  const auto path = file_path_of(text);
  const KeyAccess access(handle);
  if (std::filesystem::exists(link_status_of(path))) {
    fail(ERROR_ALREADY_EXISTS);
  }
  const Bytes bytes = access.hive().file_of(access.key(), version, path.filename());
  try {
    AtomicFile file(path);
    file.file().write_at(0, bytes);
    file.publish(Publish::kFailIfThere);
  } catch (const Error& error) {
    fail(error.code() == ErrorCode::kNotFound ? ERROR_PATH_NOT_FOUND : result_of(error.code()));
  }
}

std::shared_ptr<const registry::Hive> snapshot_of(ORHKEY handle) {
  const KeyAccess access(handle);
  if (!access.is_root()) {
    fail(ERROR_INVALID_PARAMETER);
  }
  return access.hive().snapshot();
}

ORHKEY merge_hives(const ORHKEY* handles, DWORD count) {
  constexpr DWORD kMinCount = 2;
  const std::string name = "merged hive";
  if (handles == nullptr || count < kMinCount) {
    fail(ERROR_INVALID_PARAMETER);
  }
  std::vector<std::shared_ptr<const registry::Hive>> hives;
  for (DWORD i = 0; i < count; ++i) {
    hives.push_back(snapshot_of(handles[i]));
  }
  registry::MergedHive merged = registry::merge(*hives[0], *hives[1], {}, name);
  for (std::size_t i = 2; i < hives.size(); ++i) {
    const auto below = registry::Hive::from_bytes(std::move(merged.bytes), name);
    merged = registry::merge(below, *hives[i], {}, name);
  }
  return open_hive_in_memory(std::move(merged.bytes), name);
}

}  // namespace
}  // namespace cim::offreg

// NOLINTBEGIN(readability-identifier-naming): the names of Windows.
using namespace cim::offreg;

DWORD WINAPI ORCreateHive(PORHKEY phkResult) {
  return guarded([&] {
    auto& result = out_param(phkResult);
    result = create_hive();
  });
}

DWORD WINAPI OROpenHive(PCWSTR lpHivePath, PORHKEY phkResult) {
  return guarded([&] {
    auto& result = out_param(phkResult);
    result = open_hive(lpHivePath);
  });
}

DWORD WINAPI ORCloseHive(ORHKEY Handle) {
  return guarded([&] { close_hive(Handle); });
}

DWORD WINAPI ORSaveHive(ORHKEY Handle, PCWSTR lpHivePath, DWORD dwOsMajorVersion,
                        DWORD dwOsMinorVersion) {
  return guarded([&] { save_hive(Handle, lpHivePath, {dwOsMajorVersion, dwOsMinorVersion}); });
}

DWORD WINAPI ORMergeHives(PORHKEY phkHives, DWORD cHives, PORHKEY phkResult) {
  return guarded([&] {
    auto& result = out_param(phkResult);
    result = merge_hives(phkHives, cHives);
  });
}

DWORD WINAPI ORGetVersion(PDWORD pdwMajorVersion, PDWORD pdwMinorVersion) {
  return guarded([&] {
    out_param(pdwMajorVersion) = 1;
    out_param(pdwMinorVersion) = 0;
  });
}

DWORD WINAPI ORStart() {
  return ERROR_SUCCESS;
}

DWORD WINAPI ORShutdown() {
  return ERROR_SUCCESS;
}
// NOLINTEND(readability-identifier-naming)
