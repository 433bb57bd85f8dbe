// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Where the symbolic links and mount points of Windows lead, as targets of POSIX symbolic links
// that stay inside the place where an image is mounted or extracted.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/image.h"
#include "cimlib/reparse.h"

#include "base/bytes.h"

namespace cim {

/// Whether something with this tag (0 for none) shows as a symbolic link.
bool is_link_tag(std::uint32_t reparse_tag) noexcept;

/// The directories that Windows sees as drive C: the root, and if it is a layer, what the container
/// and the utility VM see.
std::vector<FileId> volume_roots(const Image& image);

/// The longest target that readlink(2) can return, in bytes.
inline constexpr std::size_t kMaxLinkTarget = 4095;

/// The directory that a link is in.
struct LinkPlace {
  std::size_t depth = 0;  ///< directories between it and its volume's root
  /// Directories between it and the top of what Linux sees. Less than `depth` if only a part of a
  /// volume is shown.
  std::size_t reach = std::numeric_limits<std::size_t>::max();
};

/// Where a link leads as a symbolic link.
struct LinkTarget {
  std::string text{};           ///< empty if Linux cannot have such a link
  std::string_view obstacle{};  ///< the reason if `text` is empty: "leads to an empty path"
};

/// The target of a link, which begins with any number of `..` and has none after a name.
///
/// Relative targets are taken by their text, as Windows does: `a\..\b` is `b`, whatever `a` is.
/// `C:\dir`, `\??\C:\dir` and `\dir` become relative ones that go up to the volume's root first. As
/// on Windows, `..` at the root stays there. Other volumes, network shares and what lies above
/// `place.reach` keep their text, with `\`: it then is one name, which leads nowhere.
LinkTarget posix_link_target(const ReparsePoint& link, const LinkPlace& place);

/// The same for a reparse buffer; damage in it is an obstacle.
LinkTarget posix_link_target(ByteView reparse_data, const LinkPlace& place);

}  // namespace cim
