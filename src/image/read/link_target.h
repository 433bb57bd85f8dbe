// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Converts the targets of Windows' symbolic links and mount points to targets of POSIX symbolic
// links that stay inside the place where an image is mounted or extracted.

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

/// Returns true if a file with this tag (0 for none) is presented as a symbolic link.
bool is_link_tag(std::uint32_t reparse_tag) noexcept;

/// Returns the directories that Windows sees as drive C: the root, and if the image is a layer, the
/// roots that the container and the utility VM see.
std::vector<FileId> volume_roots(const Image& image);

/// The longest target that readlink(2) can return, in bytes.
inline constexpr std::size_t kMaxLinkTarget = 4095;

/// The location of the directory that contains a link.
struct LinkPlace {
  std::size_t depth = 0;  ///< number of directories between it and its volume's root
  /// Number of directories between it and the top of the tree that Linux sees. Less than `depth` if
  /// only a part of a volume is shown.
  std::size_t reach = std::numeric_limits<std::size_t>::max();
};

/// The target of a link as a POSIX symbolic link.
struct LinkTarget {
  std::string text{};           ///< empty if Linux cannot have such a link
  std::string_view obstacle{};  ///< the reason if `text` is empty: "leads to an empty path"
};

/// Returns the target of a link, which begins with any number of `..` and has none after a name.
///
/// Relative targets are resolved textually, as on Windows: `a\..\b` is `b`, whatever `a` is.
/// `C:\dir`, `\??\C:\dir` and `\dir` become relative ones that first go up to the volume's root. As
/// on Windows, `..` at the root is ignored. Targets on other volumes, on network shares and above
/// `place.reach` keep their text, with `\`, which makes them a single name that leads nowhere.
LinkTarget posix_link_target(const ReparsePoint& link, const LinkPlace& place);

/// The same for a reparse buffer; damage in it is reported as an obstacle.
LinkTarget posix_link_target(ByteView reparse_data, const LinkPlace& place);

}  // namespace cim
