// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Patterns for names and paths, as shells have them. Case is ignored as NTFS and the registry do.
//
//   *       any number of characters of a name, or none
//   ?       one character
//   [a-z_]  one of these characters; [!a-z] or [^a-z] one that is not among them
//   **      as a whole name: any number of names, or none
//
// There is no escape character: `[*]` stands for an asterisk, and `]` is a character of a list that
// it begins.
//
//   const cim::Glob glob("**/config/*.log");
//   glob.matches(path.names());   // names of an ImagePath

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/export.h"

namespace cim {

class GlobPattern;  // not public

/// How far a pattern matches the names of a path. A walk through a tree keeps one for each open
/// directory, so that no path is compared from its start, and skips what cannot match.
class CIM_EXPORT GlobState {
 public:
  /// Returns true if the names so far, as a whole, match the pattern.
  bool is_match() const noexcept;
  /// Returns true if a path that begins with the names so far, and has more, can match.
  bool may_match_below() const noexcept;
  /// Returns the state after one more name.
  GlobState enter(std::u16string_view name) const;

 private:
  friend class Glob;
  explicit GlobState(std::shared_ptr<const GlobPattern> pattern);

  void add(std::size_t position);

  std::shared_ptr<const GlobPattern> pattern_;
  std::vector<std::size_t> positions_{};  // names of the pattern that may match next, ascending
};

/// A pattern. Cheap to copy. Matching takes time in proportion to the length of the pattern times
/// that of the text at most. Concurrent matching is safe.
class CIM_EXPORT Glob {
 public:
  /// Parses a pattern. Each of the ASCII characters `separators` separates names, and without any
  /// the pattern is a single name; empty names are ignored. Throws kInvalidArgument, with the
  /// position, for text that is not WTF-8, a `[` without its `]`, and a range of characters whose
  /// ends are in the wrong order.
  explicit Glob(std::string_view pattern, std::string_view separators = "/\\");

  /// Returns the number of names in the pattern.
  std::size_t size() const noexcept;
  /// Returns true if the pattern matches the path as a whole.
  bool matches(std::span<const std::u16string> names) const;
  /// Returns true if the pattern matches a path of this one name.
  bool matches(std::u16string_view name) const;
  /// Returns the state before the first name.
  GlobState start() const;

 private:
  std::shared_ptr<const GlobPattern> pattern_;
};

}  // namespace cim
