// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The requests of the kernel and their answers.

struct fuse_lowlevel_ops;

namespace cim::mount {

/// For a session whose user data is a FileSystem.
const fuse_lowlevel_ops& callbacks() noexcept;

}  // namespace cim::mount
