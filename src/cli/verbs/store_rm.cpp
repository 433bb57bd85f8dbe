// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cimlib/host_path.h"

#include "cli/image_writing.h"
#include "cli/store_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace store_rm_verb {
namespace {

// Names are changed in a moment.
constexpr std::chrono::seconds kLockTimeout{10};

struct Options {
  std::string store;
  std::string image;
  bool force = false;
  std::optional<std::uint64_t> wait_seconds;
};

int run(const Options& options, Console& console) {
  const store::RemoveResult result =
      store::remove(host_path(options.store), options.image,
                    {.all_names = options.force,
                     .lock_timeout = lock_timeout(options.wait_seconds, kLockTimeout)});
  if (console.json()) {
    print_json(
        console,
        {{"digest", result.digest}, {"names", result.names}, {"removed", result.is_removed}});
    return kSuccess;
  }
  for (const std::string& name : result.names) {
    console.inform("removed the name " + name);
  }
  if (result.is_removed) {
    console.inform(fmt::format("removed the image {}; cim store gc frees its disk space",
                               short_digest(result.digest)));
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("STORE", "the store", options->store, Completes::kDirectories);
  parameters.required("IMAGE", "a name, a digest, or at least four first digits of one",
                      options->image);
  parameters.flag("-f,--force", "remove all names of an image given by its digest", options->force);
  wait_option(parameters, options->wait_seconds);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim store rm store ltsc2022", "remove a name, and the image if it has no other"},
    {"cim store rm --force store sha256:DIGITS", "remove an image with all of its names"},
}};

}  // namespace
}  // namespace store_rm_verb

constinit const Verb kStoreRmVerb = {
    .name = "store rm",
    .summary = "remove an image from a store",
    .description =
        "Removes a name, as podman untag does; the image is gone when it has no name left, as with "
        "podman rmi. An image can also be given by its digest; if it has several names, that "
        "requires --force.\n\n"
        "Layers remain on disk until cim store gc removes them, so until then the image can be "
        "imported again without writing its layers again. Layers that are mounted can be removed "
        "from the list, too: cim store gc keeps them until they are unmounted.",
    .examples = store_rm_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = store_rm_verb::prepare,
};

}  // namespace cim::cli
