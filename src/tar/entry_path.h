// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Paths of the entries of a layer's tar. Both `/` and `\` separate names. The last name may include
// the name of a stream, or mark a deletion.
//
//   Files/dir/file                the file
//   Files/dir/file:stream         its stream, as go-winio names it
//   Files/dir/file:stream:$DATA   the same, as hcsshim's CIM import expects it
//   Files/dir/.wh.file            a whiteout: the parent layer's `file` is deleted
//   Files/dir/.wh..wh..opq        an opaque marker: the parent layer's content of `dir` is deleted

#include <string>
#include <string_view>
#include <vector>

namespace cim::tar {

/// Names from the root down; the first is Files, Hives or UtilityVM, in any case.
using Names = std::vector<std::u16string>;

/// The contents of a tar: the parts of a layer, or anything that an image can have.
enum class TarScope {
  kLayer,  ///< Files, Hives and UtilityVM, and whiteouts
  kImage,  ///< names of any kind, and the root with its streams; no whiteouts
};

/// The prefix of a whiteout's name in OCI tars.
inline constexpr std::u16string_view kWhiteoutPrefix = u".wh.";

/// A parsed path.
struct EntryPath {
  enum class Kind { kPlain, kStream, kWhiteout, kOpaqueMarker };

  Kind kind = Kind::kPlain;
  /// The file; for a stream, the file it belongs to; for a whiteout, the path to delete; for an
  /// opaque marker, its directory. Empty for the root, as in "./".
  Names names;
  std::u16string stream;
};

/// Parses an entry's path. Ignores empty names and ".". Throws kCorrupt for "..", absolute paths,
/// other first names, NULs, text that is not WTF-8, colons that do not introduce a stream, and
/// whiteouts whose NAME is empty, "." or ".."; kLimit for names of more than 255 and paths of more
/// than 32,767 UTF-16 units; kUnsupported for streams of types other than $DATA. The errors do not
/// say where the entry is.
///
/// With kImage, the first name may be any, and "./:stream" is a stream of the root; whiteouts are
/// kUnsupported.
EntryPath parse_entry_path(std::string_view text, TarScope scope = TarScope::kLayer);

/// Parses a hard link's target in the same way, but without streams and whiteouts. Throws kCorrupt
/// for the root.
Names parse_link_path(std::string_view text, TarScope scope = TarScope::kLayer);

}  // namespace cim::tar
