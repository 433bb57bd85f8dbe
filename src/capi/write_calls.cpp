// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The functions that write images.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "cimlib/cimfs.h"
#include "cimlib/image_writer.h"

#include "base/operation_guard.h"
#include "capi/arguments.h"
#include "capi/handles.h"
#include "capi/result.h"
#include "capi/volumes.h"
#include "mount/base/mount_table.h"
#include "os/file.h"
#include "os/host_path.h"

namespace cim::capi {
namespace {

/// An image that is being written. Its mutex guards it and its stream.
class WriterImage {
 public:
  static constexpr HandleKind kKind = HandleKind::kImageWriter;

  WriterImage(const std::filesystem::path& image, const WriterOptions& options)
      : image_(image),
        replaces_(options.base && is_same_file(*options.base, image)),
        writer_(image, options),
        guard_(image.string(), "the image is already committed") {}

  std::mutex& mutex() noexcept { return mutex_; }

  /// Returns the writer for a call that an open stream must not interfere with.
  ImageWriter& writer_without_stream() {
    guard_.require_open();
    if (has_stream_) {
      fail(from_win32(ERROR_SHARING_VIOLATION));
    }
    return writer_;
  }

  /// Runs an operation that changes the writer. Any failure in it makes the writer unusable, so
  /// errors of the caller are checked before.
  template <typename Change>
  void change(Change&& action) {
    guard_.run([&] { action(writer_); });
  }

  void commit() {
    writer_without_stream();
    if (replaces_ && mount::mount_point_of(image_)) {
      fail(from_win32(ERROR_SHARING_VIOLATION));
    }
    guard_.close([this] { writer_.commit(); });
  }

  void open_stream() noexcept { has_stream_ = true; }
  void close_stream() {
    has_stream_ = false;
    change([](ImageWriter& writer) { writer.close_stream(); });
  }
  void require_usable() const { guard_.require_open(); }

 private:
  std::mutex mutex_;
  std::filesystem::path image_;
  bool replaces_;
  ImageWriter writer_;
  bool has_stream_ = false;
  OperationGuard guard_;
};

/// The open stream of an image; the handle keeps the image alive.
struct WriterStream {
  static constexpr HandleKind kKind = HandleKind::kStreamWriter;

  std::shared_ptr<WriterImage> image{};
  std::uint64_t remaining = 0;
  bool is_directory = false;
  bool is_open = true;
};

std::shared_ptr<WriterImage> image_of(CIMFS_IMAGE_HANDLE handle) {
  return require_handle(find_handle<WriterImage>(handle));
}

// Creates the handle of a stream that was just added to the image. Only then does the image count
// as having an open stream: without a handle, no call could close it.
CIMFS_STREAM_HANDLE open_stream(const std::shared_ptr<WriterImage>& image, WriterStream stream) {
  stream.image = image;
  const auto handle = open_handle<WriterStream, CIMFS_STREAM_HANDLE>(
      std::make_shared<WriterStream>(std::move(stream)));
  image->open_stream();
  return handle;
}

// Throws ERROR_PATH_NOT_FOUND unless the parent of the path is a directory.
void require_place(const ImageWriter& writer, const ImagePath& path) {
  if (!writer.is_directory(path.parent())) {
    fail(from_win32(ERROR_PATH_NOT_FOUND));
  }
}

void require_name(const ImagePath& path) {
  if (path.is_root()) {
    fail(E_INVALIDARG);
  }
}

// Throws ERROR_PATH_NOT_FOUND unless the path exists.
void require_there(const ImageWriter& writer, const ImagePath& path) {
  if (!writer.exists(path)) {
    fail(from_win32(ERROR_PATH_NOT_FOUND));
  }
}

WriterOptions options_of(UINT32 flags) {
  constexpr UINT32 kUnsupported =
      CIM_CREATE_IMAGE_BLOCK_DEVICE | CIM_CREATE_IMAGE_SINGLE_FILE | CIM_CREATE_IMAGE_VERIFIED;
  constexpr UINT32 kSupported = CIM_CREATE_IMAGE_NO_PE_EXPANSION |
                                CIM_CREATE_IMAGE_FIXED_SIZE_CHUNKS | CIM_CREATE_IMAGE_CONSISTENT;
  if ((flags & ~(kUnsupported | kSupported)) != 0) {
    fail(E_INVALIDARG);
  }
  if ((flags & kUnsupported) != 0) {
    fail(from_win32(ERROR_NOT_SUPPORTED));
  }
  WriterOptions options;
  options.reproducible = (flags & CIM_CREATE_IMAGE_CONSISTENT) != 0;
  if ((flags & CIM_CREATE_IMAGE_NO_PE_EXPANSION) != 0) {
    options.pe_expansion = PeExpansion::kPlain;
  }
  return options;
}

CIMFS_IMAGE_HANDLE create_image(PCWSTR directory, UINT32 flags, PCWSTR existing, PCWSTR name) {
  if (existing == nullptr && name == nullptr) {
    fail(E_INVALIDARG);
  }
  const auto folder = containing_directory(directory);
  WriterOptions options = options_of(flags);
  if (existing != nullptr) {
    options.base = existing_image(directory, existing);
  }
  const auto image = name != nullptr ? folder / image_name_of(name) : *options.base;
  return open_handle<WriterImage, CIMFS_IMAGE_HANDLE>(
      std::make_shared<WriterImage>(image, options));
}

CIMFS_STREAM_HANDLE create_file(CIMFS_IMAGE_HANDLE handle, PCWSTR name,
                                const CIMFS_FILE_METADATA* metadata) {
  const auto image = image_of(handle);
  const ImagePath path = image_path_of(name);
  if (metadata == nullptr) {
    fail(E_INVALIDARG);
  }
  const FileMetadata given = metadata_of(*metadata);
  const bool is_directory = (given.attributes & attribute::kDirectory) != 0;
  const std::uint64_t size =
      is_directory ? 0 : stream_size_of(static_cast<std::uint64_t>(metadata->FileSize));
  if (path.is_root() && !is_directory) {
    fail(E_INVALIDARG);
  }
  const std::scoped_lock lock(image->mutex());
  require_place(image->writer_without_stream(), path);
  image->change([&](ImageWriter& writer) { writer.add(path, given, size); });
  return open_stream(image, {.remaining = size, .is_directory = is_directory});
}

CIMFS_STREAM_HANDLE create_alternate_stream(CIMFS_IMAGE_HANDLE handle, PCWSTR name,
                                            std::uint64_t wanted_size) {
  const auto image = image_of(handle);
  const StreamPath path = stream_path_of(name);
  const std::uint64_t size = stream_size_of(wanted_size);
  if (path.stream.empty()) {
    fail(E_INVALIDARG);
  }
  const std::scoped_lock lock(image->mutex());
  require_there(image->writer_without_stream(), path.file);
  image->change([&](ImageWriter& writer) { writer.add_alternate_stream(path, size); });
  return open_stream(image, {.remaining = size});
}

void write_stream(CIMFS_STREAM_HANDLE handle, const void* buffer, UINT32 size) {
  const auto stream = require_handle(find_handle<WriterStream>(handle));
  if (stream->is_directory) {
    fail(E_INVALIDARG);
  }
  if (buffer == nullptr) {
    fail(E_POINTER);
  }
  const std::scoped_lock lock(stream->image->mutex());
  if (!stream->is_open) {  // closed by another thread since the lookup
    fail(E_INVALIDARG);
  }
  stream->image->require_usable();
  const auto fits = static_cast<std::size_t>(std::min<std::uint64_t>(size, stream->remaining));
  stream->image->change([&](ImageWriter& writer) {
    writer.write({static_cast<const std::byte*>(buffer), fits});
  });
  stream->remaining -= fits;
  if (fits < size) {
    fail(from_win32(ERROR_HANDLE_EOF));
  }
}

void close_stream(CIMFS_STREAM_HANDLE handle) {
  const auto stream = require_handle(take_handle<WriterStream>(handle), E_HANDLE);
  const std::scoped_lock lock(stream->image->mutex());
  stream->is_open = false;
  stream->image->close_stream();
}

void create_hard_link(CIMFS_IMAGE_HANDLE handle, PCWSTR name, PCWSTR existing_name) {
  const auto image = image_of(handle);
  const ImagePath path = image_path_of(name);
  const ImagePath existing = image_path_of(existing_name);
  require_name(path);
  require_name(existing);
  const std::scoped_lock lock(image->mutex());
  const ImageWriter& now = image->writer_without_stream();
  require_there(now, existing);
  require_place(now, path);
  if (now.is_directory(existing) || now.is_directory(path)) {
    fail(E_ACCESSDENIED);
  }
  image->change([&](ImageWriter& writer) { writer.add_link(path, existing); });
}

void delete_path(CIMFS_IMAGE_HANDLE handle, PCWSTR name) {
  const auto image = image_of(handle);
  const StreamPath path = stream_path_of(name);
  const bool is_stream = text_of(name).find(u':') != std::u16string::npos;
  if (is_stream && path.stream.empty()) {
    fail(E_INVALIDARG);  // a file's own data cannot be removed
  }
  const std::scoped_lock lock(image->mutex());
  image->writer_without_stream();
  if (!is_stream) {
    require_name(path.file);
  }
  bool was_there = false;
  image->change([&](ImageWriter& writer) {
    was_there = is_stream ? writer.remove(path) : writer.remove(path.file);
  });
  if (!was_there) {
    fail(from_win32(ERROR_PATH_NOT_FOUND));
  }
}

}  // namespace
}  // namespace cim::capi

// NOLINTBEGIN(readability-identifier-naming): the names of Windows.
using namespace cim::capi;

HRESULT WINAPI CimCreateImage(PCWSTR imageContainingPath, PCWSTR existingImageName,
                              PCWSTR newImageName, CIMFS_IMAGE_HANDLE* cimImageHandle) {
  return guarded([&] {
    auto& handle = out_param(cimImageHandle);
    handle =
        create_image(imageContainingPath, CIM_CREATE_IMAGE_NONE, existingImageName, newImageName);
  });
}

HRESULT WINAPI CimCreateImage2(PCWSTR imageContainingPath, UINT32 flags, PCWSTR existingImageName,
                               PCWSTR newImageName, CIMFS_IMAGE_HANDLE* cimImageHandle) {
  return guarded([&] {
    auto& handle = out_param(cimImageHandle);
    handle = create_image(imageContainingPath, flags, existingImageName, newImageName);
  });
}

HRESULT WINAPI CimCreateFile(CIMFS_IMAGE_HANDLE cimImageHandle, PCWSTR imageRelativePath,
                             const CIMFS_FILE_METADATA* fileMetadata,
                             CIMFS_STREAM_HANDLE* cimStreamHandle) {
  return guarded([&] {
    auto& handle = out_param(cimStreamHandle);
    handle = create_file(cimImageHandle, imageRelativePath, fileMetadata);
  });
}

HRESULT WINAPI CimCreateAlternateStream(CIMFS_IMAGE_HANDLE cimImageHandle, PCWSTR imageRelativePath,
                                        UINT64 streamSize, CIMFS_STREAM_HANDLE* cimStreamHandle) {
  return guarded([&] {
    auto& handle = out_param(cimStreamHandle);
    handle = create_alternate_stream(cimImageHandle, imageRelativePath, streamSize);
  });
}

HRESULT WINAPI CimWriteStream(CIMFS_STREAM_HANDLE cimStreamHandle, const void* buffer,
                              UINT32 bufferSize) {
  return guarded([&] { write_stream(cimStreamHandle, buffer, bufferSize); });
}

HRESULT WINAPI CimCloseStream(CIMFS_STREAM_HANDLE cimStreamHandle) {
  return guarded([&] { close_stream(cimStreamHandle); });
}

HRESULT WINAPI CimCreateHardLink(CIMFS_IMAGE_HANDLE cimImageHandle, PCWSTR imageRelativePath,
                                 PCWSTR existingImageRelativePath) {
  return guarded(
      [&] { create_hard_link(cimImageHandle, imageRelativePath, existingImageRelativePath); });
}

HRESULT WINAPI CimDeletePath(CIMFS_IMAGE_HANDLE cimImageHandle, PCWSTR imageRelativePath) {
  return guarded([&] { delete_path(cimImageHandle, imageRelativePath); });
}

HRESULT WINAPI CimCommitImage(CIMFS_IMAGE_HANDLE cimImageHandle) {
  return guarded([&] {
    const auto image = image_of(cimImageHandle);
    const std::scoped_lock lock(image->mutex());
    image->commit();
  });
}

HRESULT WINAPI CimCloseImage(CIMFS_IMAGE_HANDLE cimImageHandle) {
  return guarded([&] { require_handle(take_handle<WriterImage>(cimImageHandle), E_HANDLE); });
}

HRESULT WINAPI CimAddFsToMergedImage(CIMFS_IMAGE_HANDLE cimImageHandle, PCWSTR imagePath) {
  return CimAddFsToMergedImage2(cimImageHandle, imagePath, 0);
}

HRESULT WINAPI CimAddFsToMergedImage2(CIMFS_IMAGE_HANDLE cimImageHandle, PCWSTR imagePath,
                                      UINT32 /*flags*/) {
  return guarded([&] {
    image_of(cimImageHandle);
    text_of(imagePath);
    fail(from_win32(ERROR_NOT_SUPPORTED));
  });
}

HRESULT WINAPI CimSealImage(PCWSTR blockImagePath, UINT64* hashSize, UINT64* fixedHeaderSize,
                            void* /*hash*/) {
  return guarded([&] {
    out_param(hashSize);
    out_param(fixedHeaderSize);
    existing_image(blockImagePath);
    fail(from_win32(ERROR_NOT_SUPPORTED));
  });
}

HRESULT WINAPI CimGetVerificationInformation(PCWSTR blockImagePath, UINT32* isSealed,
                                             UINT64* hashSize, UINT64* signatureSize,
                                             UINT64* fixedHeaderSize, void* /*hash*/,
                                             void* /*signature*/) {
  return guarded([&] {
    out_param(isSealed);
    out_param(hashSize);
    out_param(signatureSize);
    out_param(fixedHeaderSize);
    existing_image(blockImagePath);
    fail(from_win32(ERROR_NOT_SUPPORTED));
  });
}

// A tombstone is not a deletion, and a merge link is not a hard link: both take effect only when
// images are merged, and the published record of a file cannot express them.
HRESULT WINAPI CimTombstoneFile(CIMFS_IMAGE_HANDLE cimImageHandle, PCWSTR imageRelativePath) {
  return guarded([&] {
    image_of(cimImageHandle);
    require_name(image_path_of(imageRelativePath));
    fail(from_win32(ERROR_NOT_SUPPORTED));
  });
}

HRESULT WINAPI CimCreateMergeLink(CIMFS_IMAGE_HANDLE cimImageHandle, PCWSTR imageRelativePath,
                                  PCWSTR existingImageRelativePath) {
  return guarded([&] {
    image_of(cimImageHandle);
    require_name(image_path_of(imageRelativePath));
    require_name(image_path_of(existingImageRelativePath));
    fail(from_win32(ERROR_NOT_SUPPORTED));
  });
}
// NOLINTEND(readability-identifier-naming)
