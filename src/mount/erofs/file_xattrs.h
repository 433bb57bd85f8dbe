// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Stores NTFS metadata and alternate streams of a file as extended attributes of its inode.

#include <functional>
#include <string>

#include "cimlib/image.h"

#include "image/read/directory_visits.h"
#include "mount/erofs/omissions.h"
#include "mount/erofs/xattrs.h"
#include "mount/ntfs_xattrs.h"

namespace cim::mount::erofs {

/// Returns all attributes of a file; `is_link` says whether it appears as a link. Security
/// descriptors and attributes are shared. Streams that cannot be shown are added to `omissions`,
/// under the file's `path`.
XattrBody xattrs_of_file(const Image& image, const FileInfo& info, bool is_link,
                         StreamXattrs streams, SharedXattrs& shared, Omissions& omissions,
                         TableBudget& budget, const std::function<std::string()>& path);

}  // namespace cim::mount::erofs
