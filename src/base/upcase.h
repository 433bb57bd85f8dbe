// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Letter case as defined by NTFS: one upper-case unit for each of the 65,536 UTF-16 units,
// independent of language and surrogate pairs. Names of files, streams, extended attributes and
// registry keys are compared and sorted by it.

#include <array>
#include <compare>
#include <string>
#include <string_view>

namespace cim {

/// Returns the upper case of every unit, as in `$UpCase` of a new NTFS volume.
const std::array<char16_t, 65536>& upcase_table() noexcept;

/// Convert to upper case, unit by unit, so that the length is kept.
char16_t upcase(char16_t unit) noexcept;
std::u16string upcase(std::u16string_view text);

/// Compares the upper case unit by unit; a prefix of the other text comes first.
std::strong_ordering compare_ignoring_case(std::u16string_view a, std::u16string_view b) noexcept;

/// Returns true if two names are the same to NTFS.
bool equal_ignoring_case(std::u16string_view a, std::u16string_view b) noexcept;

/// Compares keywords and the like, ignoring the case of ASCII letters only.
bool equal_ignoring_ascii_case(std::string_view a, std::string_view b) noexcept;

/// Converts ASCII letters to lower case.
std::string to_ascii_lower(std::string_view text);

}  // namespace cim
