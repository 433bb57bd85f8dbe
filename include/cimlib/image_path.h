// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A path inside an image: names in UTF-16 code units from the root down. A type of its own keeps it
// from being confused with a host path.

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cimlib/export.h"

namespace cim {

/// Maximum length of a name and of a path, in UTF-16 code units (docs/format.md, "Link tables").
inline constexpr std::size_t kMaxNameUnits = 255;
inline constexpr std::size_t kMaxPathUnits = 32767;

/// Throws kInvalidArgument, naming `name`, unless it is valid as the name of a file, directory or
/// stream in an image: 1 to 255 units, none of `\ / :` or NUL, and not "." or "..".
CIM_EXPORT void check_name(std::u16string_view name);

/// A path inside an image; without names, the root. Comparison is unit by unit, whereas lookups in
/// an image ignore case.
class CIM_EXPORT ImagePath {
 public:
  ImagePath() = default;

  /// Parses WTF-8 text with `/` or `\` between the names. Repeated separators and a leading or
  /// trailing one are ignored. Throws kInvalidArgument for text that is not WTF-8 and for invalid
  /// names, kLimit for a path that is too long.
  static ImagePath parse(std::string_view text);

  /// Returns true for the path without names.
  bool is_root() const noexcept { return names_.empty(); }
  /// Returns the names from the root down, without separators.
  const std::vector<std::u16string>& names() const& noexcept { return names_; }
  std::vector<std::u16string> names() && noexcept { return std::move(names_); }

  /// Returns the last name. The path must not be the root.
  std::u16string_view name() const& { return names_.back(); }
  std::u16string name() && { return std::move(names_.back()); }
  /// Returns the path without its last name; the root is its own parent.
  ImagePath parent() const&;
  ImagePath parent() &&;
  /// Returns this path with `name` appended. Throws as parse() does.
  ImagePath child(std::u16string_view name) const&;
  ImagePath child(std::u16string_view name) &&;

  /// Returns the path as WTF-8 with `\` before each name; the root is `\`.
  std::string to_string() const;

  auto operator<=>(const ImagePath&) const = default;

  /// Returns true if both paths lead to the same file in an image, in which lookups ignore case.
  bool equals_ignoring_case(const ImagePath& other) const noexcept;
  /// Returns true if this path is `top` or below it, ignoring case.
  bool starts_with(const ImagePath& top) const noexcept;

 private:
  std::vector<std::u16string> names_;
  std::size_t units_ = 0;  // length of the whole path, with a separator before each name
};

/// A path and the name of an alternate stream of the file there. The name is empty if there is
/// none.
struct StreamPath {
  ImagePath file;
  std::u16string stream;

  /// Parses "dir/file", "dir/file:stream" or "dir/file:stream:$DATA". Throws as ImagePath::parse()
  /// does, and kUnsupported for stream types other than $DATA.
  CIM_EXPORT static StreamPath parse(std::string_view text);
};

}  // namespace cim
