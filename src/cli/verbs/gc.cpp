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

#include "cli/image_writing.h"
#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

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
  // Removed files are listed only with --verbose; a dry run exists to list them.
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
  parameters.required("DIR", "the directory of images", options->directory,
                      Completes::kDirectories);
  parameters.flag("-n,--dry-run", "list what would be removed without removing it",
                  options->dry_run);
  wait_option(parameters, options->wait_seconds);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim gc --dry-run layers", "list the files in a directory that no image uses"},
    {"cim gc layers", "remove them"},
}};

}  // namespace
}  // namespace gc_verb

constinit const Verb kGcVerb = {
    .name = "gc",
    .summary = "remove files that no image in a directory uses",
    .description =
        "Removes region files and object ID files whose region set no image in the directory "
        "refers to, and temporary files of writers that were killed. Images are recognized by "
        "their contents, whatever their names; other files are kept. If the directory has a "
        "subdirectory cim-layers, as layer stores do, that is cleaned up too.\n\n"
        "If a file looks like an image but cannot be read, nothing is removed, since the files it "
        "needs are unknown. Nothing is removed either while an image in the directory is being "
        "written.",
    .examples = gc_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = gc_verb::prepare,
};

}  // namespace cim::cli
