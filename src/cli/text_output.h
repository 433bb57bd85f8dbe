// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Text for people: names made harmless, numbers made readable, lines made to fit.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/console.h"

namespace cim::cli {

/// Control characters, marks that turn the writing direction, and lone surrogates as `\x1b`,
/// `\u202e`, `\ud800`; everything else as it is. Names of an image have no backslash, so nothing
/// else looks so. What is not even WTF-8 becomes `\xff` byte by byte.
std::string escape_controls(std::string_view wtf8);

/// A name as it is shown: escaped on a terminal, else as it is.
std::string shown(std::string_view wtf8, const Terminal& terminal);

/// "0 B", "1023 B", "1.5 KiB", "317.2 MiB".
std::string readable_size(std::uint64_t bytes);

/// "1,234,567".
std::string grouped(std::uint64_t number);

/// "1 file", "2 files".
std::string counted(std::uint64_t number, std::string_view one, std::string_view many);

/// How many columns a text takes, every character counted as one.
std::size_t columns_of(std::string_view utf8) noexcept;

/// Breaks text at spaces so that no line passes `width` columns, each line indented; a word that
/// does not fit stands alone. Paragraphs are parted by an empty line, and stay so.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace cim::cli
