// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/create.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/host_path.h"
#include "cimlib/image_tar.h"
#include "cimlib/wim.h"

#include "cli/access_options.h"
#include "cli/create_packages.h"
#include "cli/image_writing.h"
#include "cli/json_output.h"
#include "cli/progress_bar.h"
#include "cli/tar_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace create_verb {
namespace {

struct Options {
  std::string image;
  std::vector<std::string> sources;
  std::optional<std::string> base;
  PackageOptions packages;
  std::optional<std::uint64_t> wim_index;
  WritingOptions writing;
  ImportLimitOptions limits;
  bool metadata = false;
  std::vector<std::string> excludes;
  AccessOptions access;

  // The only source, unless they are packages.
  const std::string& source() const { return sources.front(); }
};

CreateSummary image_from_wim(const Options& options, const ProgressSink& progress,
                             Console& console) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  wim::CreateOptions how;
  apply(options.writing, {}, how.writer);
  how.index = static_cast<std::uint32_t>(std::min(options.wim_index.value_or(0), kMost));
  how.progress = progress;
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = console.stop_on_interruption();
  return wim::create_image(host_path(options.image), host_path(options.source()), how);
}

// A directory, a WIM file, or a tar in a file or pipe.
enum class SourceKind { kDirectory, kWim, kTar };

// A missing source is reported as a missing directory, which is the usual case.
SourceKind kind_of(const std::string& source) {
  if (source == kStandardTar) {
    return SourceKind::kTar;
  }
  std::error_code none;  // reported when the source is read
  const std::filesystem::path path = host_path(source);
  const std::filesystem::file_status status = std::filesystem::status(path, none);
  if (!std::filesystem::exists(status) || std::filesystem::is_directory(status)) {
    return SourceKind::kDirectory;
  }
  return std::filesystem::is_regular_file(status) && wim::is_wim(path) ? SourceKind::kWim
                                                                       : SourceKind::kTar;
}

// Only a directory has metadata of its own kind, and files that can be omitted.
void refuse_directory_options(const Options& options) {
  if (options.metadata || options.access.sddl || !options.excludes.empty()) {
    throw UsageError{"--metadata, --exclude and --sddl are for directories", "create"};
  }
}

// The files of a tar or a WIM file have descriptors, and are not compared with an earlier image.
void refuse_base_and_acl(const Options& options) {
  if (options.base || options.access.acl) {
    throw UsageError{"--base and --acl are for directories and packages", "create"};
  }
}

void refuse_image_of_wim(const Options& options) {
  if (options.wim_index) {
    throw UsageError{"--image is for WIM files only", "create"};
  }
}

CreateSummary image_from_tar(const Options& options, const ProgressSink& progress,
                             Console& console) {
  TarImageOptions how;
  apply(options.writing, {}, how.writer);
  apply(options.limits, how.limits);
  how.progress = progress;
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = console.stop_on_interruption();
  return create_image_from_tar(host_path(options.image), tar_input(options.source()), how);
}

CreateSummary image_from_directory(const Options& options, const ProgressSink& progress,
                                   Console& console) {
  CreateOptions how;
  apply(options.writing, {}, how.writer);
  how.metadata = options.metadata;
  if (options.base) {
    how.writer.base = host_path(*options.base);
  }
  how.descriptors = default_descriptors(options.access);
  for (const std::string& pattern : options.excludes) {
    how.excludes.emplace_back(pattern);
  }
  how.progress = progress;
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = console.stop_on_interruption();
  return create_image(host_path(options.image), host_path(options.source()), how);
}

CreateSummary perform(const Options& options, Console& console) {
  const SourceKind kind = kind_of(options.source());
  if (kind != SourceKind::kDirectory) {
    refuse_directory_options(options);
    refuse_base_and_acl(options);
  }
  if (kind != SourceKind::kWim) {
    refuse_image_of_wim(options);
  }
  ProgressBar bar(console, "creating");
  const ProgressSink progress = bar.sink();
  switch (kind) {
    case SourceKind::kWim:
      return image_from_wim(options, progress, console);
    case SourceKind::kTar:
      return image_from_tar(options, progress, console);
    default:
      return image_from_directory(options, progress, console);
  }
}

void report(const Options& options, const CreateSummary& summary, Console& console) {
  if (console.json()) {
    Json json = {{"image", options.image},    {"directories", summary.directories},
                 {"files", summary.files},    {"hard_links", summary.hard_links},
                 {"symlinks", summary.links}, {"streams", summary.streams},
                 {"bytes", summary.bytes},    {"skipped", summary.skipped}};
    put_storage(json, summary.image);
    print_json(console, json);
    return;
  }
  console.inform(fmt::format("created {} with {}, {}, {}, {}, {} ({})", options.image,
                             counted(summary.directories, "directory", "directories"),
                             counted(summary.files, "file", "files"),
                             counted(summary.hard_links + summary.links, "link", "links"),
                             counted(summary.streams, "stream", "streams"),
                             readable_size(summary.bytes), storage_text(summary.image)));
}

// An image that lacks something is still written, but the exit status says that it is not complete.
int create_from_one(const Options& options, Console& console) {
  if (options.sources.size() != 1) {
    throw UsageError{"an image is created from one directory, tar or WIM file, or from packages",
                     "create"};
  }
  refuse_package_options(options.packages);
  const CreateSummary summary = perform(options, console);
  report(options, summary, console);
  if (summary.skipped > 0) {
    console.error(fmt::format("{}: {} skipped", options.source(),
                              counted(summary.skipped, "entry was", "entries were")));
    return kFailure;
  }
  return kSuccess;
}

int run(const Options& options, Console& console) {
  refuse_both(options.access);
  if (options.access.acl == "show") {
    return show_access(console);
  }
  if (are_packages(options.sources)) {
    refuse_directory_options(options);
    refuse_image_of_wim(options);
    return create_from_packages({options.image, options.sources, options.base, options.packages,
                                 options.access, options.writing},
                                console);
  }
  return create_from_one(options, console);
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("IMAGE", "the image file to create", options->image, Completes::kImages);
  parameters.repeated(
      "SOURCE",
      "the directory, tar (plain or compressed; - is standard input) or WIM file to "
      "read, or packages",
      options->sources, Completes::kFiles);
  parameters.flag("-m,--metadata", "read the metadata that 'cim extract --metadata' has written",
                  options->metadata);
  parameters.option("-b,--base", "IMAGE",
                    "start from this image in the same directory and store only what differs; its "
                    "packages remain, except other versions of those that are added",
                    &options->base, Completes::kImages);
  parameters.option("-x,--exclude", "GLOB",
                    "omit what has this path below the directory; can be repeated",
                    &options->excludes);
  access_options(parameters, options->access);
  parameters.option("--image", "NUMBER", "the image of a WIM file, from 1, if it has several",
                    &options->wim_index);
  package_options(parameters, options->packages);
  writing_options(parameters, options->writing);
  import_limit_options(parameters, options->limits);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 9> kExamples = {{
    {"cim create images/tools.cim tools", "create an image from the directory tools"},
    {"cim create --reproducible images/tools.cim tools", "create identical files on every run"},
    {"cim mount old.cim /mnt && cim create images/new.cim /mnt",
     "copy an image including its metadata"},
    {"cim create --exclude '**/*.pdb' images/tools.cim tools", "leave out some files"},
    {"cim create --acl 'O:BAG:BAD:(A;OICI;FA;;;BA)(A;OICI;FRFX;;;BU)' images/tools.cim tools",
     "let users read and start what has no descriptor"},
    {"cim create --reproducible --base images/1.cim images/2.cim tools",
     "store a new state of a directory beside an old one"},
    {"cim create images/tools.cim tools.tar.zst", "create an image from an exported one"},
    {"cim create images/tool.cim Tool.msix", "create an image for app attach from a package"},
    {"cim create --base images/tool.cim images/tool2.cim Tool2.msix",
     "store only what differs in the next version"},
}};

}  // namespace
}  // namespace create_verb

constinit const Verb kCreateVerb = {
    .name = "create",
    .summary = "create an image from a directory, a tar or packages",
    .description =
        "Creates an image from the contents of a directory, of a tar, of a WIM file or of "
        "application packages, reading each file once. The image must not exist yet and must not "
        "be inside the directory; if creating it is interrupted or the disk is full, no files are "
        "left. Links are never followed.\n\n"
        "NTFS security descriptors, attributes, times, reparse data and extended attributes are "
        "read from the system.ntfs_* extended attributes that ntfs-3g and cim mount provide, and "
        "alternate streams from user.* extended attributes and from files named FILE:STREAM. A "
        "file without NTFS metadata gets its times from this system and is read-only if no user "
        "has write permission; symbolic links become Windows symbolic links.\n\n"
        "A file without a security descriptor of its own gets one by --acl, by which it inherits "
        "from the top directory as on Windows: only entries with the flags OI and CI are passed "
        "on. Files of packages never have one of their own. With --sddl, every file gets the same "
        "one as it is.\n\n"
        "On Windows, all of this is read from NTFS itself, including reparse points of every kind, "
        "which are not followed. An administrator can read all files and the audit entries of "
        "their security descriptors; for other users these entries are omitted, with a "
        "warning.\n\n"
        "Entries that an image cannot store are skipped with a warning, and the exit status is 1: "
        "device files and the like, names that Windows does not allow, and all but one of the file "
        "or stream names that differ only in case. Extended attributes that an image cannot store, "
        "such as access control lists, also cause a warning.\n\n"
        "Packages are .msix and .appx files and bundles of them, recognized by their content. Each "
        "package gets the directory apps\\FULL_NAME. Its files are compared with its block map, "
        "and its signature is verified; whether the signer is trusted is for Windows to decide. "
        "All packages of a bundle are taken unless --arch, --language or --scale are given. "
        "docs/app-attach.md describes how to attach such an image.\n\n"
        "WIM files, also recognized by their content, can be read if cim was built for that. "
        "Everything is taken over except short names and object IDs, with a warning.\n\n"
        "A tar must be in the dialect of Windows layers, as 'cim export' and 'cim layer export' "
        "write it, but may have any names. Its image has exactly its entries, and nothing is "
        "skipped: a tar with an entry that an image cannot store is an error.",
    .examples = create_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = create_verb::prepare,
};

}  // namespace cim::cli
