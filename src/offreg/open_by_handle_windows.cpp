// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Reads with an offset, so that the position of the caller's handle has no effect.
#include <algorithm>

#include "offreg/offline_hive.h"
#include "offreg/offreg.h"
#include "offreg/result.h"
#include "registry/format/cells.h"

namespace cim::offreg {
namespace {

std::size_t size_of(HANDLE file) {
  LARGE_INTEGER size{};
  if (::GetFileSizeEx(file, &size) == 0) {
    fail(::GetLastError());
  }
  constexpr LONGLONG kMaxSize = 0xFFFFFFFF;
  if (size.QuadPart == 0 || size.QuadPart > kMaxSize) {
    fail(ERROR_BADDB);
  }
  // The bins may be followed by padding, which is ignored.
  const auto limit = LONGLONG{registry::kBaseBlockSize} + LONGLONG{registry::kMaxBinsSize};
  return static_cast<std::size_t>(std::min(size.QuadPart, limit));
}

Bytes read_all(HANDLE file) {
  constexpr std::size_t kPieceSize = std::size_t{1} << 20;
  Bytes bytes(size_of(file));
  for (std::size_t done = 0; done < bytes.size();) {
    OVERLAPPED position{};
    position.Offset = static_cast<DWORD>(done);
    DWORD read = 0;
    const auto wanted = static_cast<DWORD>(std::min(bytes.size() - done, kPieceSize));
    if (::ReadFile(file, bytes.data() + done, wanted, &read, &position) == 0) {
      fail(::GetLastError());
    }
    if (read == 0) {
      fail(ERROR_NOT_REGISTRY_FILE);
    }
    done += read;
  }
  return bytes;
}

}  // namespace
}  // namespace cim::offreg

// NOLINTBEGIN(readability-identifier-naming): the names of Windows.
using namespace cim::offreg;

DWORD WINAPI OROpenHiveByHandle(HANDLE FileHandle, PORHKEY phkResult) {
  return guarded([&] {
    auto& result = out_param(phkResult);
    result = open_hive_in_memory(read_all(FileHandle), "hive");
  });
}
// NOLINTEND(readability-identifier-naming)
