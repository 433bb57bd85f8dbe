// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Text output: escapes names, formats numbers, wraps lines.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/console.h"

namespace cim::cli {

/// Escapes control characters, bidirectional marks and lone surrogates as `\x1b`, `\u202e`,
/// `\ud800`. Names in an image have no backslashes, so the result is unambiguous. Bytes that are
/// not WTF-8 become `\xff`.
std::string escape_controls(std::string_view wtf8);

/// Returns a name as displayed: escaped on a terminal, else unchanged.
std::string shown(std::string_view wtf8, const Terminal& terminal);

/// "0 B", "1023 B", "1.5 KiB", "317.2 MiB".
std::string readable_size(std::uint64_t bytes);

/// "1,234,567".
std::string grouped(std::uint64_t number);

/// "1 file", "2 files".
std::string counted(std::uint64_t number, std::string_view one, std::string_view many);

/// Returns the number of columns of a text, counting every character as one.
std::size_t columns_of(std::string_view utf8) noexcept;

/// Breaks text at spaces into indented lines of at most `width` columns; a word that does not fit
/// has its own line. Paragraphs are separated by an empty line, which is kept.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace cim::cli
