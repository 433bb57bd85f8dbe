// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/gc.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cimlib/host_path.h"

#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verbs/verbs.h"
#include "cli/wait_option.h"

namespace cim::cli {
namespace gc_verb {
namespace {

struct Options {
  std::string directory;
  bool dry_run = false;
  std::optional<std::uint64_t> wait_seconds;
};

int run(const Options& options, Console& console) {
  const auto directory = host_path(options.directory);
  const std::vector<GarbageFile> garbage =
      options.dry_run ? find_garbage(directory)
                      : collect_garbage(directory, lock_timeout(options.wait_seconds));
  std::uint64_t bytes = 0;
  Json files = Json::array();
  for (const GarbageFile& file : garbage) {
    bytes += file.size;
    if (console.json()) {
      files.push_back({{"file", file.path.string()}, {"size", file.size}});
    } else if (options.dry_run || console.verbosity() == Verbosity::kVerbose) {
      console.print("{}\n", shown(file.path.string(), console.output_terminal()));
    }
  }
  if (console.json()) {
    print_json(console, {{"directory", options.directory},
                         {"removed", !options.dry_run},
                         {"bytes", bytes},
                         {"files", std::move(files)}});
    return kSuccess;
  }
  console.inform(fmt::format("{}: {}, {}{}", options.directory,
                             counted(garbage.size(), "file", "files"), readable_size(bytes),
                             options.dry_run ? ", could be removed" : ", removed"));
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("DIR", "a directory with images", options->directory,
                      Completes::kDirectories);
  parameters.flag("-n,--dry-run", "list what would be removed, and remove nothing",
                  options->dry_run);
  wait_option(parameters, options->wait_seconds);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim gc --dry-run layers", "lists the files that no image in a directory needs"},
    {"cim gc layers", "removes them"},
}};

}  // namespace
}  // namespace gc_verb

constinit const Verb kGcVerb = {
    .name = "gc",
    .summary = "remove files that no image in a directory needs",
    .description =
        "Removes the region files and object id files whose region set no image in the directory "
        "names, and temporary files of writers that did not live to remove them. Images are known "
        "by their content, whatever their name; other files are left alone. If the directory has a "
        "directory cim-layers, as stores of layers do, the same is done there.\n\nIf a file might "
        "be "
        "an image and can't be read as one, nothing is removed, for nobody can tell what it needs. "
        "Nor is anything while images are written there: their files are not needed yet.",
    .examples = gc_verb::kExamples,
    .json = JsonOutput::kOffered,
    .prepare = gc_verb::prepare,
};

}  // namespace cim::cli
