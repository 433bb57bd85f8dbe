// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// How an executable is laid out in memory, and whether it can be stored in that form
// (docs/format.md, "PE images").

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "format/pe_image.h"

namespace cim {

/// The size of the part of a file that analyze_pe() needs; in practice headers take a page.
inline constexpr std::size_t kPeHeadSize = 16384;

/// A valid executable: its pieces, in the same order in the file and in the stored object.
struct PeLayout {
  std::vector<format::PeMapping> mappings;
  std::uint32_t image_length = 0;   ///< bytes in memory, a multiple of the page size
  std::uint64_t object_length = 0;  ///< bytes stored: the image, and the bytes that follow it in
                                    ///< the file
};

/// Not an executable.
struct NotPe {};

/// An executable that is stored unchanged; `reason` has static storage duration.
struct PlainPe {
  std::string_view reason;
};

using PeAnalysis = std::variant<NotPe, PlainPe, PeLayout>;

/// Examines the first min(file_size, kPeHeadSize) bytes of a file.
PeAnalysis analyze_pe(ByteView head, std::uint64_t file_size);

}  // namespace cim
