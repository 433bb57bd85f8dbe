// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <string>

#include <fmt/format.h>

#include "cimlib/mount.h"

#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {

extern const Verb kMountsVerb;

namespace mounts_verb {
namespace {

Json to_json(const mount::ActiveMount& mount) {
  Json json = {{"image", mount.image.string()},
               {"mount_point", mount.mount_point.string()},
               {"backend", to_string(mount.backend)},
               {"server", to_string(mount.server)}};
  if (mount.volume) {
    json["volume"] = mount.volume->to_string();
  }
  if (mount.upper) {
    json["writable"] = mount.upper->string();
  }
  return json;
}

std::string in_words(mount::ServerState state) {
  switch (state) {
    case mount::ServerState::kRunning:
      return "";
    case mount::ServerState::kDead:
      return ", its server is gone";
    case mount::ServerState::kUnresponsive:
      return ", its server does not answer";
    case mount::ServerState::kUnknown:
      break;
  }
  return ", state unknown: it belongs to another user or is hidden";
}

void print(const mount::ActiveMount& mount, Console& console) {
  const Terminal& terminal = console.output_terminal();
  console.print("{} on {} ({}{}{})\n", shown(mount.image.string(), terminal),
                shown(mount.mount_point.string(), terminal), to_string(mount.backend),
                mount.upper ? ", writable in " + shown(mount.upper->string(), terminal) : "",
                in_words(mount.server));
}

int run(Console& console) {
  const auto mounts = mount::list();
  if (!console.json()) {
    for (const mount::ActiveMount& mount : mounts) {
      print(mount, console);
    }
    return kSuccess;
  }
  JsonList list(console);
  for (const mount::ActiveMount& mount : mounts) {
    list.add(to_json(mount));
  }
  list.end();
  return kSuccess;
}

Action prepare(Parameters& /*parameters*/) {
  return run;
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim mounts", "list all mounted images, one per line"},
    {"cim mounts --json | jq -r '.[] | select(.server == \"dead\") | .mount_point'",
     "list the mount points whose server has died"},
}};

}  // namespace
}  // namespace mounts_verb

constinit const Verb kMountsVerb = {
    .name = "mounts",
    .summary = "list mounted images",
    .description =
        "Lists all mounted images that this user can see, including those that other users "
        "mounted, and the state of their server processes. Reads only the kernel's mount table, so "
        "the list is complete "
        "after any crash.\n\n"
        "The members of the JSON output are image, mount_point, backend (fuse or erofs), server "
        "(running, dead, unresponsive if it does not respond in time, or unknown if this user may "
        "not access the mount), volume (the GUID, if mounted for a container) and writable (the "
        "directory, if writable).",
    .examples = mounts_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = mounts_verb::prepare,
};

}  // namespace cim::cli
