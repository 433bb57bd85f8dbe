// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Paths of the entries of a layer's tar. Both `/` and `\` separate names; a last name may add the
// name of a stream, or stand for a deletion.
//
//   Files/dir/file                the file
//   Files/dir/file:stream         its stream, as go-winio names it
//   Files/dir/file:stream:$DATA   the same, as hcsshim's CIM import wants it
//   Files/dir/.wh.file            a whiteout: the parent layer's `file` is gone
//   Files/dir/.wh..wh..opq        an opaque marker: all that the parent layer has in `dir` is gone

#include <string>
#include <string_view>
#include <vector>

namespace cim::tar {

/// Names from the root down; the first is Files, Hives or UtilityVM, in whatever case.
using Names = std::vector<std::u16string>;

/// What a whiteout's name begins with, in the tars of OCI.
inline constexpr std::u16string_view kWhiteoutPrefix = u".wh.";

struct EntryPath {
  enum class Kind { kPlain, kStream, kWhiteout, kOpaqueMarker };

  Kind kind = Kind::kPlain;
  /// The file; for a stream the file that it belongs to, for a whiteout what is to go, for an
  /// opaque marker the directory that it lies in. Empty for the root, as in "./".
  Names names;
  std::u16string stream;
};

/// Empty names and "." mean nothing. Throws kCorrupt for "..", absolute paths, other first names,
/// NULs, text that is no WTF-8, colons that make no stream, and whiteouts of no name, "." or "..";
/// kLimit for names of more than 255 and paths of more than 32,767 UTF-16 units; kUnsupported for
/// streams of other types than $DATA. The errors say nothing about where the path stands.
EntryPath parse_entry_path(std::string_view text);

/// The same without streams and whiteouts: what a hard link leads to. Throws kCorrupt for the root.
Names parse_link_path(std::string_view text);

}  // namespace cim::tar
