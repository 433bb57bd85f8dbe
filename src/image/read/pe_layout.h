// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// How an executable is laid out in memory, and whether it can be stored so (docs/format.md, "PE
// images").

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "format/pe_image.h"

namespace cim {

/// The start of a file that holds all that analyze_pe() looks at; in practice headers take a page.
inline constexpr std::size_t kPeHeadSize = 16384;

/// A sound executable: its pieces in the order of both the file and the stored object.
struct PeLayout {
  std::vector<format::PeMapping> mappings;
  std::uint32_t image_length = 0;   ///< bytes in memory, a multiple of the page size
  std::uint64_t object_length = 0;  ///< bytes stored: the image, and what follows it in the file
};

/// No executable at all.
struct NotPe {};

/// An executable that is stored as it is; `reason` is a fixed text.
struct PlainPe {
  std::string_view reason;
};

using PeAnalysis = std::variant<NotPe, PlainPe, PeLayout>;

/// Looks at the first min(file_size, kPeHeadSize) bytes of a file.
PeAnalysis analyze_pe(ByteView head, std::uint64_t file_size);

}  // namespace cim
