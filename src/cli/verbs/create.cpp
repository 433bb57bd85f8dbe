// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/create.h"

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/host_path.h"
#include "cimlib/image_tar.h"
#include "cimlib/security_descriptor.h"

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
  std::string source;
  WritingOptions writing;
  ImportLimitOptions limits;
  bool metadata = false;
  std::vector<std::string> excludes;
  std::optional<std::string> base;
  std::optional<std::string> sddl;
};

// A directory, or a tar in a file or pipe.
bool is_directory(const std::string& source) {
  std::error_code error;
  return source != kStandardTar && std::filesystem::is_directory(host_path(source), error);
}

// A missing source is reported as a missing directory, which is the usual case.
bool is_tar(const std::string& source) {
  std::error_code error;
  return source == kStandardTar ||
         (std::filesystem::exists(host_path(source), error) && !is_directory(source));
}

CreateSummary create_from_tar(const Options& options, const ProgressSink& progress,
                              Console& console) {
  if (options.metadata || options.sddl || options.base || !options.excludes.empty()) {
    throw UsageError{"--base, --metadata, --exclude and --sddl are for directories, not for tars",
                     "create"};
  }
  TarImageOptions how;
  apply(options.writing, {}, how.writer);
  apply(options.limits, how.limits);
  how.progress = progress;
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = console.stop_on_interruption();
  return create_image_from_tar(host_path(options.image), tar_input(options.source), how);
}

std::vector<std::byte> descriptor_of(const std::string& sddl) {
  try {
    return SecurityDescriptor::from_sddl(sddl).encode();
  } catch (const Error& error) {
    throw UsageError{fmt::format("--sddl: {}", error.reason()), "create"};
  }
}

CreateSummary create_from_directory(const Options& options, const ProgressSink& progress,
                                    Console& console) {
  CreateOptions how;
  apply(options.writing, {}, how.writer);
  how.metadata = options.metadata;
  if (options.base) {
    how.writer.base = host_path(*options.base);
  }
  if (options.sddl) {
    how.security_descriptor = descriptor_of(*options.sddl);
  }
  for (const std::string& pattern : options.excludes) {
    how.excludes.emplace_back(pattern);
  }
  how.progress = progress;
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = console.stop_on_interruption();
  return create_image(host_path(options.image), host_path(options.source), how);
}

CreateSummary perform(const Options& options, Console& console) {
  ProgressBar bar(console, "creating");
  return is_tar(options.source) ? create_from_tar(options, bar.sink(), console)
                                : create_from_directory(options, bar.sink(), console);
}

void report(const Options& options, const CreateSummary& summary, Console& console) {
  if (console.json()) {
    Json json = {{"image", options.image}, {"directories", summary.directories},
                 {"files", summary.files}, {"hard_links", summary.hard_links},
                 {"links", summary.links}, {"streams", summary.streams},
                 {"bytes", summary.bytes}, {"skipped", summary.skipped}};
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
int run(const Options& options, Console& console) {
  const CreateSummary summary = perform(options, console);
  report(options, summary, console);
  if (summary.skipped > 0) {
    console.error(fmt::format("{}: {} skipped", options.source,
                              counted(summary.skipped, "entry was", "entries were")));
    return kFailure;
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("IMAGE", "the image file to create", options->image, Completes::kImages);
  parameters.required("DIR|TAR",
                      "the directory to read, or a tar, plain or compressed by gzip or zstd; - "
                      "reads a tar from standard input",
                      options->source, Completes::kFiles);
  parameters.flag("-m,--metadata", "read the metadata that 'cim extract --metadata' has written",
                  options->metadata);
  parameters.option("-b,--base", "IMAGE",
                    "start from this image in the same directory and store only what differs",
                    &options->base, Completes::kImages);
  parameters.option("-x,--exclude", "GLOB",
                    "omit what has this path below the directory; can be repeated",
                    &options->excludes);
  parameters.option("--sddl", "SDDL", "the security descriptor of files without one of their own",
                    &options->sddl);
  writing_options(parameters, options->writing);
  import_limit_options(parameters, options->limits);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 6> kExamples = {{
    {"cim create images/tools.cim tools", "create an image from the directory tools"},
    {"cim create --reproducible images/tools.cim tools", "create identical files on every run"},
    {"cim mount old.cim /mnt && cim create images/new.cim /mnt",
     "copy an image including its metadata"},
    {"cim create --exclude '**/*.pdb' images/tools.cim tools", "leave out some files"},
    {"cim create --reproducible --base images/1.cim images/2.cim tools",
     "store a new state of a directory beside an old one"},
    {"cim create images/tools.cim tools.tar.zst", "create an image from an exported one"},
}};

}  // namespace
}  // namespace create_verb

constinit const Verb kCreateVerb = {
    .name = "create",
    .summary = "create an image from a directory or a tar",
    .description =
        "Creates an image from the contents of DIR, reading each file once. The image must not "
        "exist yet and must not be inside DIR; if creating it is interrupted or the disk is full, "
        "no files are left. Links are never followed.\n\n"
        "NTFS security descriptors, attributes, times, reparse data and extended attributes are "
        "read from the system.ntfs_* extended attributes that ntfs-3g and cim mount provide, and "
        "alternate streams from user.* extended attributes and from files named FILE:STREAM. A "
        "file without NTFS metadata gets its times from this system and is read-only if no user "
        "has write permission; symbolic links become Windows symbolic links.\n\n"
        "On Windows, all of this is read from NTFS itself, including reparse points of every kind, "
        "which are not followed. An administrator can read all files and the audit entries of "
        "their security descriptors; for other users these entries are omitted, with a "
        "warning.\n\n"
        "Entries that an image cannot store are skipped with a warning, and the exit status is 1: "
        "device files and the like, names that Windows does not allow, and all but one of the file "
        "or stream names that differ only in case. Extended attributes that an image cannot store, "
        "such as access control lists, also cause a warning.\n\n"
        "A tar must be in the dialect of Windows layers, as 'cim export' and 'cim layer export' "
        "write it, but may have any names. Its image has exactly its entries, and nothing is "
        "skipped: a tar with an entry that an image cannot store is an error.",
    .examples = create_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = create_verb::prepare,
};

}  // namespace cim::cli
