// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The manifests that refer to another one, as a registry lists them: by the API of the distribution
// specification 1.1, or in registries without it by an index under a tag that names the manifest.

#include <stop_token>
#include <vector>

#include "base/bytes.h"
#include "oci/artifact_manifest.h"
#include "oci/documents.h"
#include "oci/remote/session.h"

namespace cim::oci {

struct Referrers {
  bool has_api = false;  ///< true if the registry has the API, so that no tag is needed
  std::vector<Descriptor> manifests = {};
  Bytes tagged = {};  ///< the index under the tag; empty if there is none
};

/// Throws kCorrupt, kLimit, and as Session.
Referrers fetch_referrers(Session& session, const Digest& manifest, const std::stop_token& stop);

/// Makes the registry list artifacts that were pushed: lists them under the tag if the registry
/// does not have the API. They take the place of older artifacts of this type there.
void list_referrers(Session& session, const Digest& manifest,
                    const std::vector<Artifact>& artifacts, const std::stop_token& stop);

}  // namespace cim::oci
