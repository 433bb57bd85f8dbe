// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>

#include "cli/verbs/verbs.h"

namespace cim::cli {

extern const Verb kCleanupVerb;
extern const Verb kMountsVerb;
extern const Verb kMountVerb;
extern const Verb kUmountVerb;

std::span<const Verb* const> mount_verbs() {
  static constexpr std::array<const Verb*, 4> kVerbs = {&kMountVerb, &kUmountVerb, &kMountsVerb,
                                                        &kCleanupVerb};
  return kVerbs;
}

}  // namespace cim::cli
