// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reading a part of a blob.

#include <cstddef>
#include <cstdint>
#include <stop_token>

#include "base/bytes.h"
#include "oci/documents.h"
#include "oci/remote/session.h"

namespace cim::oci {

/// Returns a part of a blob, which is not verified and must be within the blob. If the registry
/// does not support ranges, the blob is read up to there. Repeats what failed temporarily. Throws
/// kCorrupt for an answer of another size, kNotFound, and as Session.
Bytes fetch_blob_part(Session& session, const Descriptor& blob, std::uint64_t offset,
                      std::size_t size, const std::stop_token& stop);

}  // namespace cim::oci
