// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Checks the arguments of C programs and converts them to the types of the library. Throws
// E_INVALIDARG for invalid ones.

#include <filesystem>
#include <string>
#include <string_view>

#include "cimlib/cimfs.h"
#include "cimlib/guid.h"
#include "cimlib/image_path.h"
#include "cimlib/image_writer.h"

namespace cim::capi {

/// Returns the units up to the NUL: at most kMaxPathUnits.
std::u16string text_of(PCWSTR text);

/// Return the path, without and with the name of a stream.
ImagePath image_path_of(PCWSTR text);
StreamPath stream_path_of(PCWSTR text);

/// Returns the path of a directory, which must exist (ERROR_PATH_NOT_FOUND).
std::filesystem::path containing_directory(PCWSTR text);

/// Returns the name of a file, which must not contain a directory.
std::filesystem::path image_name_of(PCWSTR text);

/// Returns the path of an image in a directory, both of which must exist (ERROR_FILE_NOT_FOUND).
std::filesystem::path existing_image(PCWSTR directory, PCWSTR name);
/// Does the same for the full path of an image.
std::filesystem::path existing_image(PCWSTR path);

/// Checks sizes, pointers and the headers of the buffers; the result refers to the buffers.
FileMetadata metadata_of(const CIMFS_FILE_METADATA& metadata);
/// Returns the size of a file or stream in bytes; it must be below 2^48.
std::uint64_t stream_size_of(std::uint64_t size);

Guid guid_of(const GUID* guid);

}  // namespace cim::capi
