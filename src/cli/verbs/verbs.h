// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The verbs, each defined in the file that bears its name.

#include <span>

#include "cli/verb.h"

namespace cim::cli {

extern const Verb kCatVerb;
extern const Verb kCheckVerb;
extern const Verb kCreateVerb;
extern const Verb kDiffVerb;
extern const Verb kExtractVerb;
extern const Verb kFilesVerb;
extern const Verb kGcVerb;
extern const Verb kHelpVerb;
extern const Verb kHiveCheckVerb;
extern const Verb kHiveDumpVerb;
extern const Verb kHiveMergeVerb;
extern const Verb kInfoVerb;
extern const Verb kLayerDestroyVerb;
extern const Verb kLayerExportVerb;
extern const Verb kLayerImportVerb;
extern const Verb kLayerPathVerb;
extern const Verb kLsVerb;
extern const Verb kOciImportVerb;
extern const Verb kStatVerb;
extern const Verb kTreeVerb;

/// The verbs that mount; none where cimlib is built without the mount server.
std::span<const Verb* const> mount_verbs();

}  // namespace cim::cli
