// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Uploading one blob.

#include <stop_token>
#include <string>

#include "oci/documents.h"
#include "oci/remote/http.h"
#include "oci/remote/session.h"

namespace cim::oci {

/// How a repository got a blob.
enum class UploadResult { kPresent, kMounted, kSent };

/// Makes a repository have a blob: it may have it, share that of the repository `mount_from` unless
/// that is empty, or receive it, in one request or, if it does not accept that, in pieces. Repeats
/// what failed temporarily.
UploadResult upload_blob(Session& session, const Descriptor& blob, const RequestBody& body,
                         const std::string& mount_from, const std::stop_token& stop);

/// Returns whether the repository has a manifest.
bool is_present(Session& session, const Digest& manifest, const std::stop_token& stop);

/// Stores a manifest under a tag or digest.
void upload_manifest(Session& session, const Descriptor& manifest, ByteView bytes,
                     const std::string& name, const std::stop_token& stop);

}  // namespace cim::oci
