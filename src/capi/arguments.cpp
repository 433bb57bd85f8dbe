// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Everything that a caller passes is checked here before the library sees it, because the results
// of Windows distinguish bad arguments from bad images.
#include "capi/arguments.h"

#include <array>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

#include "cimlib/extended_attributes.h"
#include "cimlib/host_path.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"
#include "cimlib/wtf8.h"

#include "base/utf16.h"
#include "capi/result.h"
#include "format/stream.h"

namespace cim::capi {
namespace {

constexpr std::uint32_t kMaxSizedObject = 65535;
constexpr std::size_t kMaxHostName = 255;  // bytes on Linux, units on Windows

// Runs a check of the library; E_INVALIDARG if it rejects the argument.
template <typename Check>
auto argument(Check&& check) {
  try {
    return check();
  } catch (const Error&) {
    fail(E_INVALIDARG);
  }
}

std::span<const std::byte> buffer_of(const void* buffer, UINT32 size) {
  if (size == 0) {
    return {};
  }
  if (buffer == nullptr || size > kMaxSizedObject) {
    fail(E_INVALIDARG);
  }
  return {static_cast<const std::byte*>(buffer), size};
}

FileTime time_of(const LARGE_INTEGER& time) {
  return {static_cast<std::uint64_t>(time.QuadPart)};
}

// An absolute security descriptor contains pointers, which are meaningless in an image; the rest is
// taken as given.
bool is_self_relative(std::span<const std::byte> descriptor) {
  return descriptor.size() >= kDefaultSecurityDescriptor.size() && descriptor[0] == std::byte{1} &&
         (descriptor[3] & std::byte{0x80}) != std::byte{0};
}

std::filesystem::path host_file_name(std::filesystem::path name) {
  if (name.empty() || name.native().size() > kMaxHostName) {
    fail(E_INVALIDARG);
  }
  return name;
}

std::filesystem::path existing_file(std::filesystem::path path) {
  std::error_code error;
  const auto type = std::filesystem::status(path, error).type();
  if (type == std::filesystem::file_type::not_found) {
    fail(from_win32(ERROR_FILE_NOT_FOUND));
  }
  if (type == std::filesystem::file_type::directory) {
    fail(E_ACCESSDENIED);
  }
  return path;  // other errors are found when it is opened
}

}  // namespace

std::u16string text_of(PCWSTR text) {
  if (text == nullptr) {
    fail(E_INVALIDARG);
  }
  auto units = utf16_until_nul(text, kMaxPathUnits);
  if (!units) {
    fail(E_INVALIDARG);
  }
  return *std::move(units);
}

ImagePath image_path_of(PCWSTR text) {
  return argument([&] { return ImagePath::parse(to_wtf8(text_of(text))); });
}

StreamPath stream_path_of(PCWSTR text) {
  return argument([&] { return StreamPath::parse(to_wtf8(text_of(text))); });
}

std::filesystem::path containing_directory(PCWSTR text) {
  auto path = host_path(to_wtf8(text_of(text)));
  if (path.empty()) {
    fail(E_INVALIDARG);
  }
  std::error_code error;
  const auto type = std::filesystem::status(path, error).type();
  if (error == std::errc::permission_denied) {
    fail(E_ACCESSDENIED);
  }
  if (type != std::filesystem::file_type::directory) {
    fail(from_win32(ERROR_PATH_NOT_FOUND));
  }
  return path;
}

std::filesystem::path image_name_of(PCWSTR text) {
  const std::u16string name = text_of(text);
  argument([&] {
    check_name(name);
    return true;
  });
  return host_file_name(host_name(to_wtf8(name)));
}

std::filesystem::path existing_image(PCWSTR directory, PCWSTR name) {
  return existing_file(containing_directory(directory) / image_name_of(name));
}

std::filesystem::path existing_image(PCWSTR path) {
  auto image = host_path(to_wtf8(text_of(path)));
  std::error_code error;
  const auto directory = image.parent_path();
  host_file_name(image.filename());
  if (!directory.empty() && !std::filesystem::is_directory(directory, error)) {
    fail(error == std::errc::permission_denied ? E_ACCESSDENIED : from_win32(ERROR_PATH_NOT_FOUND));
  }
  return existing_file(std::move(image));
}

// The checks come first, so that a call with a bad structure changes nothing in the image.
FileMetadata metadata_of(const CIMFS_FILE_METADATA& metadata) {
  FileMetadata result;
  result.attributes = metadata.Attributes;
  result.times = {.creation = time_of(metadata.CreationTime),
                  .last_write = time_of(metadata.LastWriteTime),
                  .change = time_of(metadata.ChangeTime),
                  .last_access = time_of(metadata.LastAccessTime)};
  result.security_descriptor =
      buffer_of(metadata.SecurityDescriptorBuffer, metadata.SecurityDescriptorSize);
  result.reparse_data = buffer_of(metadata.ReparseDataBuffer, metadata.ReparseDataSize);
  result.extended_attributes = buffer_of(metadata.EaBuffer, metadata.EaBufferSize);
  if (!result.security_descriptor.empty() && !is_self_relative(result.security_descriptor)) {
    fail(E_INVALIDARG);
  }
  argument([&] {
    parse_extended_attributes(result.extended_attributes);
    return result.reparse_data.empty() ? 0 : parse_reparse_tag(result.reparse_data);
  });
  const bool is_directory = (result.attributes & attribute::kDirectory) != 0;
  // Callers pass what NTFS reports as the size of a directory.
  if (metadata.FileSize < 0 && !is_directory) {
    fail(E_INVALIDARG);
  }
  return result;
}

std::uint64_t stream_size_of(std::uint64_t size) {
  if (size > format::Stream::kMaxLength) {
    fail(E_INVALIDARG);
  }
  return size;
}

Guid guid_of(const GUID* guid) {
  if (guid == nullptr) {
    fail(E_INVALIDARG);
  }
  static_assert(sizeof(GUID) == 16);
  // Both systems are little-endian; the first three fields are as in the mixed-endian form.
  std::array<std::byte, 16> bytes{};
  std::memcpy(bytes.data(), guid, bytes.size());
  return Guid::from_mixed_endian(bytes);
}

}  // namespace cim::capi
