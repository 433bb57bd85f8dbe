// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Letter case as NTFS knows it: one upper-case unit for each of the 65,536 UTF-16 units, without
// regard to language or to surrogate pairs. Names of files, streams, extended attributes and
// registry keys are equal and sorted by it.

#include <array>
#include <compare>
#include <string>
#include <string_view>

namespace cim {

/// The upper case of every unit, as `$UpCase` of a new NTFS volume holds it.
const std::array<char16_t, 65536>& upcase_table() noexcept;

char16_t upcase(char16_t unit) noexcept;
std::u16string upcase(std::u16string_view text);

/// Unit by unit in upper case; where one text begins the other, the shorter comes first.
std::strong_ordering compare_ignoring_case(std::u16string_view a, std::u16string_view b) noexcept;

}  // namespace cim
