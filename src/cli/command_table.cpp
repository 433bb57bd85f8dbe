// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/command_table.h"

#include <algorithm>
#include <array>

#include "cli/verbs/verbs.h"

namespace cim::cli {
namespace {

std::vector<const Verb*> make_table() {
  std::vector<const Verb*> table = {
      &kCreateVerb,      &kInfoVerb,         &kLsVerb,        &kTreeVerb,
      &kStatVerb,        &kCatVerb,          &kExtractVerb,   &kCheckVerb,
      &kDiffVerb,        &kFilesVerb,        &kGcVerb,        &kLayerImportVerb,
      &kLayerExportVerb, &kLayerDestroyVerb, &kLayerPathVerb, &kOciImportVerb};
  const auto mounting = mount_verbs();
  table.insert(table.end(), mounting.begin(), mounting.end());
  table.insert(table.end(), {&kHiveMergeVerb, &kHiveDumpVerb, &kHiveCheckVerb});
  table.push_back(&kHelpVerb);
  return table;
}

}  // namespace

const std::vector<const Verb*>& all_verbs() {
  static const std::vector<const Verb*> table = make_table();
  return table;
}

const Verb* find_verb(std::string_view name) {
  const auto& verbs = all_verbs();
  const auto found = std::ranges::find(verbs, name, &Verb::name);
  return found == verbs.end() ? nullptr : *found;
}

std::span<const VerbGroup> verb_groups() {
  static constexpr std::array<VerbGroup, 3> kGroups = {{
      {"layer", "work on a container layer: a directory and the image that belongs to it"},
      {"oci", "work on images of containers"},
      {"hive", "work on a registry hive"},
  }};
  return kGroups;
}

void declare_global_options(Parameters& parameters, GlobalOptions& options) {
  parameters.flag("--json", "write the answer as JSON, for programs", options.json);
  parameters.flag("-q,--quiet", "say nothing but errors", options.quiet);
  parameters.flag("-v,--verbose", "say more", options.verbose);
}

}  // namespace cim::cli
