// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A path inside an image: names of UTF-16 code units from the root down. It is a type of its own so
// that it can't be mixed up with a path of the host.

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/export.h"

namespace cim {

/// Longest name and path, in UTF-16 code units (docs/format.md, "Link tables").
inline constexpr std::size_t kMaxNameUnits = 255;
inline constexpr std::size_t kMaxPathUnits = 32767;

/// Throws kInvalidArgument, naming `name`, unless it can be the name of a file, directory or stream
/// in an image: 1 to 255 units, none of `\ / :` or NUL, and not "." or "..".
CIM_EXPORT void check_name(std::u16string_view name);

/// Zero names are the root. Names compare here unit by unit; an image compares them without case.
class CIM_EXPORT ImagePath {
 public:
  ImagePath() = default;

  /// Reads WTF-8 text with `/` or `\` between the names; one leading and one trailing separator and
  /// doubled ones mean nothing. Throws kInvalidArgument for text that isn't WTF-8 and names that
  /// can't be, kLimit for a path that is too long.
  static ImagePath parse(std::string_view text);

  bool is_root() const noexcept { return names_.empty(); }
  const std::vector<std::u16string>& names() const noexcept { return names_; }

  /// The last name; the path must not be the root.
  std::u16string_view name() const { return names_.back(); }
  /// All but the last name; the root's is the root.
  ImagePath parent() const&;
  ImagePath parent() &&;
  /// This path and one name more. Throws as parse() does.
  ImagePath child(std::u16string_view name) const&;
  ImagePath child(std::u16string_view name) &&;

  /// WTF-8, `\` between names and in front; the root is `\`.
  std::string to_string() const;

  auto operator<=>(const ImagePath&) const = default;

 private:
  std::vector<std::u16string> names_;
  std::size_t units_ = 0;  // of the whole path, a separator before each name included
};

/// A path and the name of an alternate stream of the file there, as in "dir/file:stream" or
/// "dir/file:stream:$DATA"; without a stream the name is empty.
struct StreamPath {
  ImagePath file;
  std::u16string stream;

  /// Throws as ImagePath::parse does, and kUnsupported for stream types other than $DATA.
  CIM_EXPORT static StreamPath parse(std::string_view text);
};

}  // namespace cim
