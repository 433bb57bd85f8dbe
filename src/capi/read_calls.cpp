// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The functions that read images.
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "cimlib/cimfs.h"
#include "cimlib/image.h"

#include "capi/arguments.h"
#include "capi/handles.h"
#include "capi/opened_image.h"
#include "capi/result.h"

namespace cim::capi {
namespace {

// The objects that handles refer to.

struct OpenedStream {
  static constexpr HandleKind kKind = HandleKind::kStream;
  Stream stream;
};

struct ListedEntry {
  std::u16string name;
  FileId id = 0;
  std::uint64_t size = 0;
};

struct Listing {
  static constexpr HandleKind kKind = HandleKind::kListing;
  std::vector<ListedEntry> entries;
  std::mutex mutex{};
  std::size_t next = 0;
};

// FILE_STAT_BASIC_INFORMATION, which not every system's headers have.
struct StatBasicInformation {
  std::int64_t file_id;
  std::int64_t creation_time;
  std::int64_t last_access_time;
  std::int64_t last_write_time;
  std::int64_t change_time;
  std::int64_t allocation_size;
  std::int64_t end_of_file;
  std::uint32_t file_attributes;
  std::uint32_t reparse_tag;
  std::uint32_t number_of_links;
  std::uint32_t device_type;
  std::uint32_t device_characteristics;
  std::uint32_t reserved;
  std::int64_t volume_serial_number;
  std::array<std::byte, 16> file_id_128;
};
static_assert(sizeof(StatBasicInformation) == 104);

constexpr std::uint32_t kDeviceTypeDisk = 7;    // FILE_DEVICE_DISK
constexpr std::uint32_t kDeviceReadOnly = 0x2;  // FILE_READ_ONLY_DEVICE
constexpr std::uint64_t kAllocationUnit = 4096;

Stream stream_at(const Image& image, const StreamPath& path) {
  const FileId id = find_file(image, path.file);
  if (path.stream.empty()) {
    return image.open(id);
  }
  auto stream = image.open_stream(id, path.stream);
  if (!stream) {
    fail(from_win32(ERROR_FILE_NOT_FOUND));
  }
  return *std::move(stream);
}

std::vector<std::byte> metadata_at(const Image& image, FileId id, CIMLIB_METADATA kind) {
  switch (kind) {
    case CIMLIB_SECURITY_DESCRIPTOR:
      return image.security_descriptor(id);
    case CIMLIB_REPARSE_DATA:
      return image.reparse_data(id);
    case CIMLIB_EXTENDED_ATTRIBUTES:
      return image.extended_attributes(id);
  }
  fail(E_INVALIDARG);
}

CIMLIB_FILE_INFORMATION information_of(const Image& image, FileId id) {
  const FileInfo info = image.info(id);
  CIMLIB_FILE_INFORMATION result{};
  result.FileId = info.id;
  result.Attributes = info.attributes;
  result.FileSize = static_cast<std::int64_t>(info.size);
  result.CreationTime = time_from(info.times.creation);
  result.LastWriteTime = time_from(info.times.last_write);
  result.ChangeTime = time_from(info.times.change);
  result.LastAccessTime = time_from(info.times.last_access);
  result.SecurityDescriptorSize = static_cast<UINT32>(image.security_descriptor(id).size());
  result.ReparseTag = info.reparse_tag;
  result.ReparseDataSize = static_cast<UINT32>(image.reparse_data(id).size());
  result.EaBufferSize = info.ea_size;
  result.StreamCount = static_cast<UINT32>(image.streams(id).size());
  return result;
}

StatBasicInformation stat_of(const FileInfo& info) {
  StatBasicInformation result{};
  result.file_id = info.id;
  result.creation_time = static_cast<std::int64_t>(info.times.creation.ticks);
  result.last_access_time = static_cast<std::int64_t>(info.times.last_access.ticks);
  result.last_write_time = static_cast<std::int64_t>(info.times.last_write.ticks);
  result.change_time = static_cast<std::int64_t>(info.times.change.ticks);
  result.end_of_file = static_cast<std::int64_t>(info.size);
  result.allocation_size = static_cast<std::int64_t>((info.size + kAllocationUnit - 1) /
                                                     kAllocationUnit * kAllocationUnit);
  result.file_attributes = info.attributes;
  result.reparse_tag = info.reparse_tag;
  result.number_of_links = 1;
  result.device_type = kDeviceTypeDisk;
  result.device_characteristics = kDeviceReadOnly;
  std::memcpy(result.file_id_128.data(), &info.id, sizeof info.id);
  return result;
}

std::vector<ListedEntry> entries_of(const Image& image, FileId id) {
  std::vector<ListedEntry> entries;
  for (DirectoryEntry& entry : image.list(id)) {
    entries.push_back({std::move(entry.name), entry.id, 0});
  }
  return entries;
}

std::vector<ListedEntry> streams_of(const Image& image, FileId id) {
  std::vector<ListedEntry> entries;
  for (StreamInfo& stream : image.streams(id)) {
    entries.push_back({std::move(stream.name), id, stream.size});
  }
  return entries;
}

template <typename List>
CIMLIB_LISTING_HANDLE open_listing(CIMLIB_IMAGE_HANDLE handle, PCWSTR path, List&& list) {
  const auto opened = image_of(handle);
  const FileId id = find_file(opened->image, image_path_of(path));
  auto listing = std::make_shared<Listing>();
  listing->entries = list(opened->image, id);
  return open_handle<Listing, CIMLIB_LISTING_HANDLE>(std::move(listing));
}

// The mutex makes two threads that use one listing get different entries.
HRESULT next_entry(CIMLIB_LISTING_HANDLE handle, CIMLIB_ENTRY& entry) {
  const auto listing = require_handle(find_handle<Listing>(handle));
  const std::scoped_lock lock(listing->mutex);
  if (listing->next == listing->entries.size()) {
    return S_FALSE;
  }
  const ListedEntry& listed = listing->entries[listing->next];
  if (listed.name.size() >= std::size(entry.Name)) {
    fail(from_win32(ERROR_FILE_CORRUPT));
  }
  entry.FileId = listed.id;
  entry.Size = static_cast<std::int64_t>(listed.size);
  entry.NameLength = static_cast<UINT16>(listed.name.size());
  std::ranges::copy(listed.name, entry.Name);
  ++listing->next;
  return S_OK;
}

std::size_t read_from(const Stream& stream, std::uint64_t offset, void* buffer,
                      std::uint64_t size) {
  if (offset >= stream.size()) {
    return 0;
  }
  const std::uint64_t fits = std::min(size, stream.size() - offset);
  return stream.read(offset, {static_cast<std::byte*>(buffer), static_cast<std::size_t>(fits)});
}

// Later versions of Windows know flags, whose meaning is not public.
void require_no_flags(UINT32 flags) {
  if (flags != 0) {
    fail(from_win32(ERROR_NOT_SUPPORTED));
  }
}

template <typename T, typename Handle>
HRESULT close_handle(Handle handle) {
  return guarded([&] { require_handle(take_handle<T>(handle)); });
}

}  // namespace

std::shared_ptr<const OpenImage> image_of(CIMLIB_IMAGE_HANDLE handle) {
  return require_handle(find_handle<OpenImage>(handle));
}

FileId find_file(const Image& image, const ImagePath& path) {
  if (const auto id = image.find(path)) {
    return *id;
  }
  const auto parent = image.find(path.parent());
  const bool has_place = parent && image.info(*parent).is_directory();
  fail(from_win32(has_place ? ERROR_FILE_NOT_FOUND : ERROR_PATH_NOT_FOUND));
}

LARGE_INTEGER time_from(FileTime time) {
  LARGE_INTEGER result;
  result.QuadPart = static_cast<std::int64_t>(time.ticks);
  return result;
}

}  // namespace cim::capi

// NOLINTBEGIN(readability-identifier-naming): the names are in the manner of Windows.
using namespace cim::capi;

HRESULT WINAPI CimlibOpenImage(PCWSTR imageContainingPath, PCWSTR imageName,
                               CIMLIB_IMAGE_HANDLE* imageHandle) {
  return guarded([&] {
    auto& handle = out_param(imageHandle);
    auto image = std::make_shared<OpenImage>(
        OpenImage{cim::Image(existing_image(imageContainingPath, imageName))});
    handle = open_handle<OpenImage, CIMLIB_IMAGE_HANDLE>(std::move(image));
  });
}

HRESULT WINAPI CimlibCloseImage(CIMLIB_IMAGE_HANDLE imageHandle) {
  return close_handle<OpenImage>(imageHandle);
}

HRESULT WINAPI CimlibFind(CIMLIB_IMAGE_HANDLE imageHandle, PCWSTR imageRelativePath,
                          UINT32* fileId) {
  return guarded([&] {
    auto& id = out_param(fileId);
    id = find_file(image_of(imageHandle)->image, image_path_of(imageRelativePath));
  });
}

HRESULT WINAPI CimlibGetFileInformation(CIMLIB_IMAGE_HANDLE imageHandle, PCWSTR imageRelativePath,
                                        CIMLIB_FILE_INFORMATION* information) {
  return guarded([&] {
    auto& out = out_param(information);
    const auto opened = image_of(imageHandle);
    out = information_of(opened->image, find_file(opened->image, image_path_of(imageRelativePath)));
  });
}

HRESULT WINAPI CimlibGetMetadata(CIMLIB_IMAGE_HANDLE imageHandle, PCWSTR imageRelativePath,
                                 CIMLIB_METADATA kind, void* buffer, UINT32 bufferSize,
                                 UINT32* size) {
  return guarded([&] {
    auto& out = out_param(size);
    const auto opened = image_of(imageHandle);
    const auto id = find_file(opened->image, image_path_of(imageRelativePath));
    const auto bytes = metadata_at(opened->image, id, kind);
    out = static_cast<UINT32>(bytes.size());
    if (bytes.size() > bufferSize) {
      fail(from_win32(ERROR_INSUFFICIENT_BUFFER));
    }
    if (bytes.empty()) {
      return;
    }
    if (buffer == nullptr) {
      fail(E_POINTER);
    }
    std::memcpy(buffer, bytes.data(), bytes.size());
  });
}

HRESULT WINAPI CimlibListDirectory(CIMLIB_IMAGE_HANDLE imageHandle, PCWSTR imageRelativePath,
                                   CIMLIB_LISTING_HANDLE* listingHandle) {
  return guarded([&] {
    auto& handle = out_param(listingHandle);
    handle = open_listing(imageHandle, imageRelativePath, entries_of);
  });
}

HRESULT WINAPI CimlibListStreams(CIMLIB_IMAGE_HANDLE imageHandle, PCWSTR imageRelativePath,
                                 CIMLIB_LISTING_HANDLE* listingHandle) {
  return guarded([&] {
    auto& handle = out_param(listingHandle);
    handle = open_listing(imageHandle, imageRelativePath, streams_of);
  });
}

HRESULT WINAPI CimlibNextEntry(CIMLIB_LISTING_HANDLE listingHandle, CIMLIB_ENTRY* entry) {
  HRESULT result = S_OK;
  const HRESULT failure = guarded([&] { result = next_entry(listingHandle, out_param(entry)); });
  return FAILED(failure) ? failure : result;
}

HRESULT WINAPI CimlibCloseListing(CIMLIB_LISTING_HANDLE listingHandle) {
  return close_handle<Listing>(listingHandle);
}

HRESULT WINAPI CimlibOpenStream(CIMLIB_IMAGE_HANDLE imageHandle, PCWSTR imageRelativePath,
                                CIMLIB_STREAM_HANDLE* streamHandle, UINT64* size) {
  return guarded([&] {
    auto& handle = out_param(streamHandle);
    if (size != nullptr) {
      *size = 0;
    }
    auto stream = stream_at(image_of(imageHandle)->image, stream_path_of(imageRelativePath));
    const std::uint64_t stream_size = stream.size();
    handle = open_handle<OpenedStream, CIMLIB_STREAM_HANDLE>(
        std::make_shared<OpenedStream>(OpenedStream{std::move(stream)}));
    if (size != nullptr) {
      *size = stream_size;
    }
  });
}

HRESULT WINAPI CimlibReadStream(CIMLIB_STREAM_HANDLE streamHandle, UINT64 offset, void* buffer,
                                UINT32 bufferSize, UINT32* bytesRead) {
  return guarded([&] {
    auto& out = out_param(bytesRead);
    const auto opened = require_handle(find_handle<OpenedStream>(streamHandle));
    if (buffer == nullptr) {
      fail(E_POINTER);
    }
    out = static_cast<UINT32>(read_from(opened->stream, offset, buffer, bufferSize));
  });
}

HRESULT WINAPI CimlibCloseStream(CIMLIB_STREAM_HANDLE streamHandle) {
  return close_handle<OpenedStream>(streamHandle);
}

HRESULT WINAPI CimReadFile(PCWSTR imagePath, PCWSTR filePath, UINT64 offset, void* buffer,
                           UINT64 bufferSize, UINT64* bytesRead, UINT64* bytesRemaining) {
  return CimReadFile2(imagePath, filePath, offset, buffer, bufferSize, bytesRead, bytesRemaining,
                      0);
}

HRESULT WINAPI CimReadFile2(PCWSTR imagePath, PCWSTR filePath, UINT64 offset, void* buffer,
                            UINT64 bufferSize, UINT64* bytesRead, UINT64* bytesRemaining,
                            UINT32 flags) {
  return guarded([&] {
    auto& out = out_param(bytesRead);
    auto& left = out_param(bytesRemaining);
    const cim::StreamPath path = stream_path_of(filePath);
    const cim::Stream stream = stream_at(cim::Image(existing_image(imagePath)), path);
    if (buffer == nullptr) {
      fail(E_POINTER);
    }
    require_no_flags(flags);
    out = read_from(stream, offset, buffer, bufferSize);
    left = stream.size() - std::min<UINT64>(offset, stream.size()) - out;
  });
}

// The caller's structure is filled by copying bytes, because its type may be incomplete here.
HRESULT WINAPI CimGetFileStatBasicInformation(PCWSTR imagePath, PCWSTR filePath,
                                              struct _FILE_STAT_BASIC_INFORMATION* statInfo) {
  return CimGetFileStatBasicInformation2(imagePath, filePath, statInfo, 0);
}

HRESULT WINAPI CimGetFileStatBasicInformation2(PCWSTR imagePath, PCWSTR filePath,
                                               struct _FILE_STAT_BASIC_INFORMATION* statInfo,
                                               UINT32 flags) {
  return guarded([&] {
    if (statInfo == nullptr) {
      fail(E_POINTER);
    }
    StatBasicInformation out{};
    std::memcpy(static_cast<void*>(statInfo), &out, sizeof out);
    const cim::ImagePath path = image_path_of(filePath);
    const cim::Image image(existing_image(imagePath));
    out = stat_of(image.info(find_file(image, path)));
    require_no_flags(flags);
    std::memcpy(static_cast<void*>(statInfo), &out, sizeof out);
  });
}
// NOLINTEND(readability-identifier-naming)
