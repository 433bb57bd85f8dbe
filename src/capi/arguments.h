// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What C programs pass, checked and turned into the types of the library. What can't be is
// E_INVALIDARG.

#include <filesystem>
#include <string>
#include <string_view>

#include "cimlib/cimfs.h"
#include "cimlib/guid.h"
#include "cimlib/image_path.h"
#include "cimlib/image_writer.h"

namespace cim::capi {

/// The units up to the NUL: at most kMaxPathUnits.
std::u16string text_of(PCWSTR text);

ImagePath image_path_of(PCWSTR text);
StreamPath stream_path_of(PCWSTR text);

/// A directory that must be there (ERROR_PATH_NOT_FOUND).
std::filesystem::path containing_directory(PCWSTR text);

/// The name of a file, and nothing but a name.
std::filesystem::path image_name_of(PCWSTR text);

/// An image in a directory, both of which must be there (ERROR_FILE_NOT_FOUND).
std::filesystem::path existing_image(PCWSTR directory, PCWSTR name);
/// The same of the whole path of an image.
std::filesystem::path existing_image(PCWSTR path);

/// Checks sizes, pointers and what the buffers begin with; refers to the buffers.
FileMetadata metadata_of(const CIMFS_FILE_METADATA& metadata);
/// The size of a file or stream, in bytes.
std::uint64_t stream_size_of(std::uint64_t size);

Guid guid_of(const GUID* guid);

}  // namespace cim::capi
