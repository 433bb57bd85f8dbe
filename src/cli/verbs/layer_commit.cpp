// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cimlib/host_path.h"
#include "cimlib/store_commit.h"

#include "cli/image_writing.h"
#include "cli/json_output.h"
#include "cli/progress_bar.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace layer_commit_verb {
namespace {

struct Options {
  std::string upper;
  std::string layer;
  LayerPathOptions paths;
  bool keeps_streams = false;
  std::optional<std::string> made_times;
  std::optional<std::string> name;
  std::optional<std::string> base;
  std::optional<std::string> author;
  std::optional<std::string> message;
  WritingOptions writing;
};

store::CommitResult perform(const Options& options, Console& console) {
  ProgressBar bar(console, "committing");
  store::CommitOptions all{.name = options.name.value_or(""),
                           .base = options.base.value_or(""),
                           .author = options.author.value_or(""),
                           .message = options.message.value_or("")};
  layer::CommitOptions& how = all.layer;
  apply(options.writing, layer::kImportLockTimeout, how.writer);
  how.made_times = made_times(options.made_times);
  how.had_stream_attributes = !options.keeps_streams;
  how.progress = bar.sink();
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = console.stop_on_interruption();
  return store::commit(host_path(options.upper), layer_paths(options.layer, options.paths),
                       parent_paths(options.paths), all);
}

void put_image(Json& json, const store::CommittedImage& image) {
  json["name"] = image.name;
  json["manifest"] = image.digest;
  json["configuration"] = image.configuration;
  json["chain_id"] = image.chain_id;
  json["diff_id"] = image.diff_id;
}

void report(const Options& options, const store::CommitResult& all, Console& console) {
  const layer::CommitResult& result = all.layer;
  const std::string image = layer_paths(options.layer, options.paths).image_path().string();
  if (console.json()) {
    Json json = {{"image", image},
                 {"directories", result.directories},
                 {"files", result.files},
                 {"hard_links", result.hard_links},
                 {"symlinks", result.links},
                 {"streams", result.streams},
                 {"removed", result.removed},
                 {"bytes", result.bytes}};
    put_storage(json, result.image);
    if (all.image) {
      put_image(json, *all.image);
    }
    print_json(console, json);
    return;
  }
  console.inform(fmt::format(
      "committed {}, {} and {} with {}, and {}, into {} ({})",
      counted(result.directories, "directory", "directories"),
      counted(result.files, "file", "files"),
      counted(result.hard_links + result.links, "link", "links"), readable_size(result.bytes),
      counted(result.removed, "removal", "removals"), image, storage_text(result.image)));
  if (all.image) {
    console.inform(
        fmt::format("made the image {} with the digest {}", all.image->name, all.image->digest));
  }
}

int run(const Options& options, Console& console) {
  if (options.paths.parents.empty()) {
    throw UsageError{"--parent is required: the layer whose image was mounted"};
  }
  report(options, perform(options, console), console);
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("UPPER_DIR", "the directory that stores the changes of a writable mount",
                      options->upper, Completes::kDirectories);
  parameters.required("LAYER_DIR", "the directory of the new layer; created if it does not exist",
                      options->layer, Completes::kDirectories);
  parameters.option(
      "-p,--parent", "DIR",
      "the directory of a parent layer; may be given more than once, immediate parent first",
      &options->paths.parents, Completes::kDirectories);
  image_option(parameters, options->paths);
  parent_image_option(parameters, options->paths);
  parameters.flag("--keep-streams",
                  "keep the alternate streams of changed files, for mounts that did not show them "
                  "as extended attributes",
                  options->keeps_streams);
  writing_options(parameters, options->writing);
  made_times_option(parameters, options->made_times);
  parameters.option("--name", "NAME", "name the image of the layer NAME", &options->name);
  parameters.option("--base", "IMAGE",
                    "the image of the store that was changed, if several end with the parent",
                    &options->base);
  parameters.option("-a,--author", "TEXT", "state an author in the image's configuration",
                    &options->author);
  parameters.option("-m,--message", "TEXT", "add a comment to the image's history",
                    &options->message);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim mount --writable scratch store/cim-layers/7.cim /mnt && … && cim umount /mnt",
     "change files of the layer store/7"},
    {"cim layer commit scratch store/8 --parent store/7", "make a layer of the changes"},
    {"cim layer commit scratch store/8 --parent store/DIGITS --name app:2 && "
     "cim oci push store app:2 registry.example/team/app:2",
     "push an image with the changes of one that was pulled"},
}};

}  // namespace
}  // namespace layer_commit_verb

constinit const Verb kLayerCommitVerb = {
    .name = "layer commit",
    .summary = "make a layer from the changes of a writable mount",
    .description =
        "Writes a layer with the changes that a writable mount of the immediate parent's image has "
        "stored in UPPER_DIR, the directory that was given with 'cim mount --writable', or any "
        "upper directory of overlayfs or fuse-overlayfs. The mount must be unmounted. The layer "
        "is like any other: it can be mounted, exported and used as a parent.\n\n"
        "If the immediate parent is the last layer of an image of the same store, the store also "
        "gets an image: that one with the new layer, as 'podman commit' makes it. Its "
        "configuration is the same except for the layer, the history and the time of creation. "
        "With --name it gets a name, which it takes from any other image; otherwise it is kept "
        "under its digest. 'cim oci push' and 'cim oci export' send it like any other image, and "
        "when it is removed, 'cim store gc' also removes LAYER_DIR. Without such an image only a "
        "layer is made, or, with --name, --base, --author or --message, nothing.\n\n"
        "Changed files keep the NTFS metadata of the parent: security descriptor, attributes, "
        "creation time, extended attributes and reparse data. New files get what 'cim create' "
        "gives them. What has been removed from the mount is missing in the layer.\n\n"
        "Anything that a layer cannot have is an error, and no files are left: devices, sockets, "
        "pipes, "
        "names that Windows does not allow or that differ only in case, and directories that the "
        "overlay renamed without copying them. Extended attributes that an image cannot store "
        "cause a warning.",
    .examples = layer_commit_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = layer_commit_verb::prepare,
};

}  // namespace cim::cli
