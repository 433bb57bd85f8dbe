// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Helpers shared by the verbs that inspect an image.

#include <string>
#include <string_view>
#include <vector>

#include "cimlib/image.h"

#include "cli/json_output.h"

namespace cim::cli {

/// Returns the names joined with `/`, starting at the root or after `base`; empty for `base`
/// itself.
std::string joined(const ImagePath& path, const ImagePath& base = {});

/// Returns the file at a path. Throws kNotFound, naming the path.
FileId find_or_fail(const Image& image, const ImagePath& path);

/// Returns seven letters for directory, archive, read-only, hidden, system, link (or another
/// reparse point) and sparse: "darhslp", with a `-` for each that does not apply.
std::string attribute_letters(const FileInfo& info);

/// "2020-09-13 12:26:40", in UTC.
std::string short_time(FileTime time);

/// Returns the target of a link, or the tag in brackets for another reparse point; empty if the
/// file is not a reparse point.
std::u16string link_text(const Image& image, const FileInfo& info);

/// "data", "sparse" or "pe-image".
std::string_view storage_name(Storage storage);

/// Returns what the record of a file says, without reading anything else; "name" or "path" come
/// first.
Json file_json(const Image& image, const FileInfo& info, Json names);

}  // namespace cim::cli
