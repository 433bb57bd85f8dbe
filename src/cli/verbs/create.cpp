// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/create.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cimlib/host_path.h"

#include "cli/import_report.h"
#include "cli/json_output.h"
#include "cli/progress_bar.h"
#include "cli/text_output.h"
#include "cli/verbs/verbs.h"
#include "cli/writing_options.h"

namespace cim::cli {
namespace create_verb {
namespace {

struct Options {
  std::string image;
  std::string directory;
  WritingOptions writing;
};

CreateSummary perform(const Options& options, Console& console) {
  ProgressBar bar(console, "creating");
  CreateOptions how;
  apply(options.writing, {}, how.writer);
  how.progress = bar.sink();
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = console.stop_on_interruption();
  return create_image(host_path(options.image), host_path(options.directory), how);
}

void tell(const Options& options, const CreateSummary& summary, Console& console) {
  if (console.json()) {
    Json json = {{"image", options.image}, {"directories", summary.directories},
                 {"files", summary.files}, {"hard_links", summary.hard_links},
                 {"links", summary.links}, {"streams", summary.streams},
                 {"bytes", summary.bytes}, {"skipped", summary.skipped}};
    put_storage(json, summary.image);
    print_json(console, json);
    return;
  }
  console.inform(fmt::format("created {} of {}, {}, {}, {}, {} ({})", options.image,
                             counted(summary.directories, "directory", "directories"),
                             counted(summary.files, "file", "files"),
                             counted(summary.hard_links + summary.links, "link", "links"),
                             counted(summary.streams, "stream", "streams"),
                             readable_size(summary.bytes), storage_text(summary.image)));
}

int run(const Options& options, Console& console) {
  const CreateSummary summary = perform(options, console);
  tell(options, summary, console);
  if (summary.skipped > 0) {
    console.error(fmt::format("{}: {} left out", options.directory,
                              counted(summary.skipped, "entry was", "entries were")));
    return kFailure;
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("IMAGE", "the image to make", options->image, Completes::kImages);
  parameters.required("DIR", "the directory to make it of", options->directory,
                      Completes::kDirectories);
  writing_options(parameters, options->writing);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim create images/tools.cim tools", "makes an image of the directory tools"},
    {"cim create --reproducible images/tools.cim tools", "makes the same files each time"},
    {"cim mount old.cim /mnt && cim create images/new.cim /mnt", "copies an image, metadata too"},
}};

}  // namespace
}  // namespace create_verb

constinit const Verb kCreateVerb = {
    .name = "create",
    .summary = "make an image of a directory",
    .description =
        "Writes the image of all that is below DIR, reading each file once. The image must not be "
        "there yet nor lie below DIR; an interruption or a full disk leaves nothing behind. Links "
        "are never followed.\n\nDescriptors, attributes, times, reparse data and extended "
        "attributes of NTFS come from system.ntfs_*, as ntfs-3g and cim mount offer them, and "
        "streams from user.* and from files FILE:STREAM. Where there is no metadata of NTFS, a "
        "file has the times of this system and is read-only if nobody may write to it; symbolic "
        "links become those of Windows.\n\nWhat an image can't hold is left out with a warning, "
        "and the exit status is 1: devices and the like, names that Windows can't have, and all "
        "but one of names that are the same to it, of files as of streams. A warning also tells "
        "of extended attributes of this system, such as access control lists, for which an image "
        "has no place.",
    .examples = create_verb::kExamples,
    .json = JsonOutput::kOffered,
    .prepare = create_verb::prepare,
};

}  // namespace cim::cli
