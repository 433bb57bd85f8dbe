// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/remote.h"

#include "cli/json_output.h"
#include "cli/registry_access.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace oci_tags_verb {
namespace {

struct Options {
  std::string repository;
  RegistryOptions registry;
};

oci::Reference parse_repository(const std::string& text) {
  try {
    return oci::Reference::parse_repository(text);
  } catch (const Error& error) {
    throw UsageError{error.what()};
  }
}

int run(const Options& options, Console& console) {
  const oci::Reference repository = parse_repository(options.repository);
  const std::vector<std::string> tags =
      oci::list_tags(repository, remote_options(options.registry, console));
  if (console.json()) {
    print_json(console, {{"repository", repository.to_string()}, {"tags", tags}});
    return kSuccess;
  }
  for (const std::string& tag : tags) {
    console.print("{}\n", escape_controls(tag));
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("REPO", "the repository: [HOST[:PORT]/]NAME", options->repository);
  registry_options(parameters, options->registry);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 1> kExamples = {{
    {"cim oci tags registry.example/team/app", "list the tags of a repository, one per line"},
}};

}  // namespace
}  // namespace oci_tags_verb

constinit const Verb kOciTagsVerb = {
    .name = "oci tags",
    .summary = "list the tags of a repository in a registry",
    .description =
        "Prints the tags of a repository, one per line, in the order of the registry. "
        "Credentials and connections are as for 'cim oci pull'.",
    .examples = oci_tags_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = oci_tags_verb::prepare,
};

}  // namespace cim::cli
