// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Win32 file attributes (FILE_ATTRIBUTE_*) and the ones that an image stores.

#include <cstdint>
#include <string>

#include "cimlib/export.h"

namespace cim::attribute {

inline constexpr std::uint32_t kReadOnly = 0x1;
inline constexpr std::uint32_t kHidden = 0x2;
inline constexpr std::uint32_t kSystem = 0x4;
inline constexpr std::uint32_t kDirectory = 0x10;
inline constexpr std::uint32_t kArchive = 0x20;
inline constexpr std::uint32_t kNormal = 0x80;
inline constexpr std::uint32_t kTemporary = 0x100;
inline constexpr std::uint32_t kSparseFile = 0x200;
inline constexpr std::uint32_t kReparsePoint = 0x400;
inline constexpr std::uint32_t kCompressed = 0x800;
inline constexpr std::uint32_t kOffline = 0x1000;
inline constexpr std::uint32_t kNotContentIndexed = 0x2000;
inline constexpr std::uint32_t kEncrypted = 0x4000;
inline constexpr std::uint32_t kIntegrityStream = 0x8000;
inline constexpr std::uint32_t kNoScrubData = 0x20000;
inline constexpr std::uint32_t kRecallOnOpen = 0x40000;

/// The attributes that a CIM stores. kDirectory and kReparsePoint are derived from the file's type
/// and reparse data; all others are dropped (docs/format.md, "The file record").
inline constexpr std::uint32_t kStoredAttributes =
    kReadOnly | kHidden | kSystem | kArchive | kSparseFile;

}  // namespace cim::attribute

namespace cim {

/// Returns the names of the set bits joined with "|", as in "readonly|hidden|directory". Unknown
/// bits are appended in hexadecimal; "normal" stands for 0.
CIM_EXPORT std::string attributes_to_string(std::uint32_t attributes);

}  // namespace cim
