// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/verb.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cim::cli {
namespace {

// The order of help: images, layers, stores, mounts, hives.
std::vector<const Verb*> make_table() {
  std::vector<const Verb*> table = {
      &kCreateVerb,    &kInfoVerb,        &kLsVerb,          &kTreeVerb,         &kStatVerb,
      &kFindVerb,      &kCatVerb,         &kExtractVerb,     &kExportVerb,       &kCheckVerb,
      &kDiffVerb,      &kReportVerb,      &kFilesVerb,       &kCpVerb,           &kMvVerb,
      &kGcVerb,        &kLayerImportVerb, &kLayerExportVerb, &kLayerCommitVerb,  &kLayerDestroyVerb,
      &kLayerPathVerb, &kLayerUsageVerb,  &kOciImportVerb,   &kOciExportVerb,    &kOciPullVerb,
      &kOciPushVerb,   &kOciTagsVerb,     &kStoreLsVerb,     &kStoreInspectVerb, &kStoreRmVerb,
      &kStoreGcVerb,   &kStoreCheckVerb,  &kStoreUsageVerb};
  const auto mounting = mount_verbs();
  table.insert(table.end(), mounting.begin(), mounting.end());
  table.insert(table.end(), {&kHiveLsVerb, &kHiveGetVerb, &kHiveFindVerb, &kHiveDumpVerb,
                             &kHiveDiffVerb, &kHiveCheckVerb, &kHiveMergeVerb});
  table.push_back(&kHelpVerb);
  return table;
}

}  // namespace

void Parameters::required(std::string_view name, std::string_view help, std::string& into,
                          Completes completes) {
  parameters_.push_back(
      {.names = name, .help = help, .target = &into, .is_required = true, .completes = completes});
}

void Parameters::optional(std::string_view name, std::string_view help,
                          std::optional<std::string>& into, Completes completes) {
  parameters_.push_back({.names = name, .help = help, .target = &into, .completes = completes});
}

void Parameters::repeated(std::string_view name, std::string_view help,
                          std::vector<std::string>& into, Completes completes) {
  parameters_.push_back({.names = name, .help = help, .target = &into, .completes = completes});
}

void Parameters::flag(std::string_view names, std::string_view help, bool& into) {
  parameters_.push_back({.names = names, .help = help, .target = &into});
}

void Parameters::option(std::string_view names, std::string_view value, std::string_view help,
                        Parameter::Target into, Completes completes,
                        std::vector<std::string_view> choices) {
  parameters_.push_back({.names = names,
                         .value = value,
                         .help = help,
                         .target = into,
                         .completes = completes,
                         .choices = std::move(choices)});
}

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
  static constexpr std::array<VerbGroup, 4> kGroups = {{
      {"layer",
       "Manages container layers. A layer is a directory and an image that belongs to it."},
      {"oci", "Imports and exports container images, also from and to registries."},
      {"store", "Lists, checks and removes the images of a store of layers."},
      {"hive", "Inspects, compares and merges registry hives."},
  }};
  return kGroups;
}

void declare_global_options(Parameters& parameters, GlobalOptions& options) {
  parameters.flag("--json", "print the output as JSON", options.json);
  parameters.flag("-q,--quiet", "print only errors", options.quiet);
  parameters.flag("-v,--verbose", "print more messages", options.verbose);
}

}  // namespace cim::cli
