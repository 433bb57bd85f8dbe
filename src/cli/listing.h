// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What the verbs that look into an image show alike.

#include <string>
#include <string_view>
#include <vector>

#include "cimlib/image.h"

#include "cli/json_output.h"

namespace cim::cli {

/// Names with `/` between them, from the root or from below `base`; nothing for that itself.
std::string joined(const ImagePath& path, const ImagePath& base = {});

/// The file there. Throws kNotFound, naming the path.
FileId find_or_fail(const Image& image, const ImagePath& path);

/// Seven places for directory, archive, read-only, hidden, system, link (or another reparse point)
/// and sparse: "darhslp", each a `-` where it does not hold.
std::string attribute_letters(const FileInfo& info);

/// "2020-09-13 12:26:40", in UTC.
std::string short_time(FileTime time);

/// Where a link leads; of a reparse point of another kind, its tag in brackets. Nothing for what is
/// no reparse point.
std::u16string link_text(const Image& image, const FileInfo& info);

/// "data", "sparse" or "pe-image".
std::string_view storage_name(Storage storage);

/// What is known of a file without looking further than its record; "name" or "path" come first.
Json file_json(const Image& image, const FileInfo& info, Json names);

}  // namespace cim::cli
