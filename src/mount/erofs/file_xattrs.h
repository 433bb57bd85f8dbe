// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What NTFS keeps of a file and its alternate streams, as extended attributes of its inode.

#include <functional>
#include <string>

#include "cimlib/image.h"

#include "image/read/directory_visits.h"
#include "mount/erofs/omissions.h"
#include "mount/erofs/xattrs.h"
#include "mount/ntfs_xattrs.h"

namespace cim::mount::erofs {

/// All that a file has, which shows as a link or not. Descriptors and attributes are shared. The
/// streams that cannot be told are added to the omissions, under `path` of the file.
XattrBody xattrs_of_file(const Image& image, const FileInfo& info, bool is_link,
                         StreamXattrs streams, SharedXattrs& shared, Omissions& omissions,
                         TableBudget& budget, const std::function<std::string()>& path);

}  // namespace cim::mount::erofs
