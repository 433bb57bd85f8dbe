// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writing a registry hive as a .reg file, the text that the registry editor exports and imports.
//
//   const auto hive = cim::registry::Hive::open("config/SOFTWARE");
//   cim::registry::write_reg_file(hive, "Microsoft",
//                                 {.root = "HKEY_LOCAL_MACHINE\\SOFTWARE"}, sink);
//
// Such a file contains keys, and names, types and data of values. It cannot contain the class, the
// security descriptor, the time and the flags of a key, and no name with a line break.

#include <cstdint>
#include <string>
#include <string_view>

#include "cimlib/byte_streams.h"
#include "cimlib/export.h"
#include "cimlib/hive.h"

namespace cim::registry {

/// The encodings of a .reg file.
enum class RegFileEncoding {
  kUtf8,   ///< UTF-8 without a mark, which hivexregedit reads; regedit reads only its ASCII part
  kUtf16,  ///< UTF-16LE with a byte order mark, as regedit writes it
};

/// How to write a .reg file.
struct RegFileOptions {
  /// Where the hive is loaded, such as `HKEY_LOCAL_MACHINE\SOFTWARE`. If empty, paths begin with a
  /// backslash.
  std::string root = {};
  RegFileEncoding encoding = RegFileEncoding::kUtf8;
  /// Writes text outside ASCII as text in UTF-8 too. By default it is written as bytes, since
  /// readers take each byte of UTF-8 in a value for a character.
  bool unicode_text = false;
  /// Writes a comment with the time, the class, the descriptor in SDDL and the flags of each key.
  bool comments = false;
};

/// Counts of a written file. Everything that the format cannot express is omitted, with a comment
/// in its place.
struct RegFileSummary {
  std::uint64_t keys = 0;
  std::uint64_t values = 0;
  /// Keys whose name contains a line break, a NUL or, in UTF-8, an unpaired surrogate; the keys
  /// below them are omitted too and not counted.
  std::uint64_t omitted_keys = 0;
  /// Values with such a name, and values with the name of an earlier one of the same key.
  std::uint64_t omitted_values = 0;

  /// Returns true if nothing was omitted.
  bool is_complete() const noexcept { return omitted_keys == 0 && omitted_values == 0; }
};

/// Writes the key at `path` and everything below it, a key before its subkeys, in lines of at most
/// 80 columns where the format allows it, that end with CR LF. Each call of `sink` passes whole
/// lines.
///
/// Text with its terminating NUL and without control characters is written as text, and numbers of
/// kRegDword as numbers; everything else as bytes, so that reading the file gives the same data. In
/// the delta hive of a layer, [-KEY] is a deleted key, "NAME"=- a deleted value, and a key that
/// replaces a tree is deleted first.
///
/// Throws kNotFound if there is no key at the path, kInvalidArgument for a root or path that is not
/// WTF-8 or a root with control characters, and what `sink` throws.
CIM_EXPORT RegFileSummary write_reg_file(const Hive& hive, std::string_view path,
                                         const RegFileOptions& options, const ByteSink& sink);

}  // namespace cim::registry
