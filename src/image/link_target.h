// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Where the symbolic links and mount points of Windows lead, as targets of POSIX symbolic links
// that stay inside the place where an image is mounted or extracted.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cimlib/image.h"
#include "cimlib/reparse.h"

namespace cim {

/// Whether something with this tag (0 for none) shows as a symbolic link.
bool is_link_tag(std::uint32_t reparse_tag) noexcept;

/// The directories that Windows sees as drive C: the root, and if it is a layer, what the container
/// and the utility VM see.
std::vector<FileId> volume_roots(const Image& image);

/// The target of a link in a directory that lies `depth` directories below its volume's root.
///
/// Relative targets stay as they are, with `/`. `C:\dir`, `\??\C:\dir` and `\dir` become relative
/// ones that go up to the volume's root first. As on Windows, `..` at the root stays there. Other
/// volumes and network shares keep their text, `\` included: it then is a name that leads nowhere.
/// Throws kCorrupt for an empty target and one with a NUL.
std::string posix_link_target(const ReparsePoint& link, std::size_t depth);

}  // namespace cim
