// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// All entries of a directory with their metadata in one call.
#include <cstddef>
#include <cstring>
#include <string>

#include "cimlib/cimfs.h"
#include "cimlib/image.h"

#include "capi/arguments.h"
#include "capi/opened_image.h"
#include "capi/result.h"

namespace cim::capi {
namespace {

constexpr std::size_t kNameOffset = offsetof(CIMLIB_DIRECTORY_ENTRY, Name);
static_assert(kNameOffset % sizeof(WCHAR) == 0 && sizeof(INT64) == 8);

std::size_t entry_size(const std::u16string& name) {
  const std::size_t size = kNameOffset + (name.size() + 1) * sizeof(WCHAR);
  return (size + 7) / 8 * 8;
}

CIMLIB_DIRECTORY_ENTRY describe(const DirectoryEntry& listed, const FileInfo& info) {
  CIMLIB_DIRECTORY_ENTRY entry{};
  entry.EntrySize = static_cast<UINT32>(entry_size(listed.name));
  entry.FileId = listed.id;
  entry.Attributes = info.attributes;
  entry.ReparseTag = info.reparse_tag;
  entry.FileSize = static_cast<INT64>(info.size);
  entry.CreationTime = time_from(info.times.creation);
  entry.LastWriteTime = time_from(info.times.last_write);
  entry.ChangeTime = time_from(info.times.change);
  entry.LastAccessTime = time_from(info.times.last_access);
  entry.EaBufferSize = info.ea_size;
  entry.HasStreams = info.has_streams ? 1 : 0;
  entry.NameLength = static_cast<UINT32>(listed.name.size());
  return entry;
}

// The NUL and the padding up to the next entry are zeros.
void put_entry(std::byte* at, const DirectoryEntry& listed, const FileInfo& info) {
  const CIMLIB_DIRECTORY_ENTRY entry = describe(listed, info);
  std::memset(at, 0, entry.EntrySize);
  std::memcpy(at, &entry, kNameOffset);
  std::memcpy(at + kNameOffset, listed.name.data(), listed.name.size() * sizeof(WCHAR));
}

void read_directory(const Image& image, FileId directory, void* buffer, std::uint64_t buffer_size,
                    std::uint64_t& size, UINT32& count) {
  const auto entries = image.list(directory);
  for (const DirectoryEntry& entry : entries) {
    size += entry_size(entry.name);
  }
  count = static_cast<UINT32>(entries.size());
  if (size > buffer_size) {
    fail(from_win32(ERROR_INSUFFICIENT_BUFFER));
  }
  if (buffer == nullptr && size != 0) {
    fail(E_POINTER);
  }
  auto* at = static_cast<std::byte*>(buffer);
  for (const DirectoryEntry& entry : entries) {
    put_entry(at, entry, image.info(entry.id));
    at += entry_size(entry.name);
  }
}

}  // namespace
}  // namespace cim::capi

// NOLINTBEGIN(readability-identifier-naming): the names are in the manner of Windows.
HRESULT WINAPI CimlibReadDirectory(CIMLIB_IMAGE_HANDLE imageHandle, PCWSTR imageRelativePath,
                                   void* buffer, UINT64 bufferSize, UINT64* size, UINT32* count) {
  using namespace cim::capi;
  return guarded([&] {
    auto& out_size = out_param(size);
    auto& out_count = out_param(count);
    const auto opened = image_of(imageHandle);
    const auto id = find_file(opened->image, image_path_of(imageRelativePath));
    read_directory(opened->image, id, buffer, bufferSize, out_size, out_count);
  });
}
// NOLINTEND(readability-identifier-naming)
