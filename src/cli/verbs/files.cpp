// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cimlib/gc.h"
#include "cimlib/host_path.h"

#include "cli/file_uses.h"
#include "cli/image_reading.h"
#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace files_verb {
namespace {

struct Options {
  bool print0 = false;
  std::string image;
  bool is_long = false;
  std::vector<std::string> regions;
};

Json to_json(const ImageFile& file) {
  Json json = {{"file", file.path.string()}, {"kind", to_string(file.kind)}, {"own", file.is_own}};
  if (file.kind != ImageFileKind::kFilesystem) {
    json["region_set"] = file.region_set.to_string();
  }
  json["missing"] = !file.size.has_value();
  if (file.size) {
    json["size"] = *file.size;
  }
  return json;
}

// The short form is for other programs, so it lists only files that exist.
void print(const ImageFile& file, const Options& options, Console& console) {
  const std::string path = shown(file.path.string(), console.output_terminal());
  if (options.is_long) {
    console.print("{:>10}  {:<10}  {:<9}  {}\n", file.size ? readable_size(*file.size) : "missing",
                  to_string(file.kind), file.is_own ? "own" : "ancestor", path);
  } else if (file.size && options.print0) {
    console.print("{}{}", file.path.string(), '\0');
  } else if (file.size) {
    console.print("{}\n", path);
  }
}

// Object id files are only for writers; an image is complete without them.
bool is_missed(const ImageFile& file) {
  return !file.size && file.kind == ImageFileKind::kRegion;
}

int run(const Options& options, Console& console) {
  if (options.print0 &&
      (options.is_long || console.json() || has_file_uses(host_path(options.image)))) {
    throw UsageError{"--print0 is for the short list of an image's files only", "files"};
  }
  if (const auto path = host_path(options.image); has_file_uses(path)) {
    if (!options.regions.empty()) {
      throw UsageError{"--regions is for an image only", "files"};
    }
    return show_file_uses(path, console);
  }
  const std::vector<ImageFile> files =
      image_files(host_path(options.image), host_paths(options.regions));
  if (console.json()) {
    JsonList list(console);
    for (const ImageFile& file : files) {
      list.add(to_json(file));
    }
    list.end();
  } else {
    for (const ImageFile& file : files) {
      print(file, options, console);
    }
  }
  std::uint64_t missed = 0;
  for (const ImageFile& file : files) {
    if (is_missed(file)) {
      ++missed;
      console.error(fmt::format("{}: missing", file.path.string()));
    }
  }
  return missed == 0 ? kSuccess : kFailure;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("PATH", "the image file; or a directory of images, or a file in one",
                      options->image, Completes::kFiles);
  parameters.flag("-0,--print0", "end each path with a NUL instead of a newline", options->print0);
  parameters.flag("-l,--long", "also show size, kind and whether the file belongs to an ancestor",
                  options->is_long);
  regions_option(parameters, options->regions);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 4> kExamples = {{
    {"cim files layers/7.cim", "list the files of an image"},
    {"cim files -0 layers/7.cim | xargs -0 du -ch",
     "pass them to another program, whatever their names"},
    {"cim files -l layers/7.cim",
     "also show which files are missing and which belong to ancestors"},
    {"cim files images", "show which images need each file of a directory"},
}};

}  // namespace
}  // namespace files_verb

constinit const Verb kFilesVerb = {
    .name = "files",
    .summary = "list the files of an image, or the images that need a file",
    .description =
        "Lists the files of an image, one per line: the filesystem file, then the region files "
        "and object ID files of its ancestors, then its own. Reads only the header of the "
        "filesystem file.\n\n"
        "A missing object ID file is omitted, because only writing requires it. If a region file "
        "is missing, the exit status is 1.\n\n"
        "For a directory, lists all files of images in it, each with the images that need it and "
        "the one that owns it: that wrote it. Its forks need the same file. For a region or object "
        "ID file, prints that line alone. Files that no image needs are garbage, which cim gc "
        "removes. cim cp and cim mv copy and move an image with all of its files.",
    .examples = files_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = files_verb::prepare,
};

}  // namespace cim::cli
