// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// JSON that means the same to every reader: whether it distinguishes the case of names or takes the
// first or the last of two members of one name.

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/bytes.h"

namespace cim {

/// The maximum size of a document in bytes, which is that of registries.
inline constexpr std::size_t kLargestDocument = std::size_t{4} << 20;

/// Parses a document of at most kLargestDocument bytes and limited depth. Lone surrogates become
/// U+FFFD, as in Go's decoder. Throws kCorrupt for an object with two members whose names differ
/// only in case, since readers disagree about which of them counts. Throws kLimit, kCorrupt;
/// `subject` names the document in errors.
nlohmann::json parse_json(ByteView text, const std::string& subject);

/// Folds the name of a member as Go's JSON decoder does: two non-ASCII characters fold to ASCII
/// letters.
std::string folded_member(std::string_view name);

}  // namespace cim
