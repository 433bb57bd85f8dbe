// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/find.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "cimlib/app_package.h"
#include "cimlib/error.h"
#include "cimlib/glob.h"
#include "cimlib/host_path.h"
#include "cimlib/image.h"
#include "cimlib/wtf8.h"

#include "cli/find_criteria.h"
#include "cli/find_output.h"
#include "cli/image_argument.h"
#include "cli/image_reading.h"
#include "cli/progress_bar.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace find_images_verb {
namespace {

struct Options {
  ImageArgument image;
  std::vector<std::string> paths;
  std::vector<std::string> packages;
  FindCriteriaOptions criteria;
  bool print0 = false;
  bool json_lines = false;
  bool bodyfile = false;
  bool csv = false;
  bool keeps_going = false;
};

FindFormat format_of(const Options& options, const Console& console) {
  const int wanted = int{options.print0} + int{options.json_lines} + int{options.bodyfile} +
                     int{options.csv} + int{console.json()};
  if (wanted > 1) {
    throw UsageError{"only one form of output can be chosen"};
  }
  if (console.json()) {
    return FindFormat::kJson;
  }
  if (options.json_lines) {
    return FindFormat::kJsonLines;
  }
  if (options.bodyfile) {
    return FindFormat::kBodyfile;
  }
  if (options.csv) {
    return FindFormat::kCsv;
  }
  return options.print0 ? FindFormat::kNulls : FindFormat::kPaths;
}

// Adds the images of a directory, which are named like images.
void add_images(const std::filesystem::path& directory,
                std::vector<std::filesystem::path>& images) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".cim") {
      images.push_back(entry->path());
    }
  }
  if (error) {
    throw Error(ErrorCode::kIo, directory.string(), "cannot list: " + error.message());
  }
}

// The image itself, or those of a directory and of a store, sorted by name.
std::vector<std::filesystem::path> images_of(const std::filesystem::path& given) {
  std::error_code error;
  if (!std::filesystem::is_directory(given, error)) {
    return {given};
  }
  std::vector<std::filesystem::path> images;
  for (const std::filesystem::path& directory : image_directories(given)) {
    add_images(directory, images);
  }
  if (images.empty()) {
    throw Error(ErrorCode::kNotFound, given.string(), "there is no image in this directory");
  }
  std::ranges::sort(images);
  return images;
}

// Returns the directories of the packages whose full names match one of the patterns.
std::vector<ImagePath> package_directories(const Image& image,
                                           const std::vector<std::string>& patterns) {
  std::vector<ImagePath> directories;
  for (const appx::InstalledPackage& package : appx::packages_of(image)) {
    const std::u16string name = *to_utf16(package.info.identity.full_name());
    if (std::ranges::any_of(
            patterns, [&](const std::string& pattern) { return Glob(pattern).matches(name); })) {
      directories.push_back(package.directory);
    }
  }
  return directories;
}

// Searches one of several images, of which each may lack a path to start from.
void search(const Image& image, FindOptions how, const Options& options, bool is_one_of_several,
            FindOutput& output) {
  if (!options.packages.empty()) {
    how.starts = package_directories(image, options.packages);
    if (how.starts.empty()) {
      return;
    }
  }
  if (is_one_of_several && !how.starts.empty()) {
    std::erase_if(how.starts, [&](const ImagePath& start) { return !image.find(start); });
    if (how.starts.empty()) {
      return;
    }
  }
  find(image, how, [&](const FoundEntry& entry) {
    output.add(image, entry);
    return true;
  });
}

int run(const Options& options, Console& console) {
  if (!options.packages.empty() && !options.paths.empty()) {
    throw UsageError{"--package cannot be given with paths to start from", "find"};
  }
  FindOptions how;
  apply(options.criteria, how);
  apply_paths(options.paths, how);
  const std::filesystem::path given = options.image.is_remote()
                                          ? std::filesystem::path(options.image.text)
                                          : host_path(options.image.text);
  const auto images =
      options.image.is_remote() ? std::vector<std::filesystem::path>{given} : images_of(given);
  const bool are_several = images.front() != given;
  const auto output = make_find_output(
      {.format = format_of(options, console), .shows_images = are_several, .hash = how.hash},
      console);
  ProgressBar bar(console, "reading");
  how.progress = bar.sink();
  how.stop = console.stop_on_interruption();
  how.verifies = options.keeps_going;
  Failures failures(console, options.keeps_going);
  const auto listings = new_directory_listings();
  for (const std::filesystem::path& path : images) {
    how.failure = [&](const std::string& where, const Error& error) {
      failures.add((are_several ? path.string() + ":" : "") + where, error);
    };
    try {
      const Image image = options.image.is_remote()
                              ? open_image(options.image, console)
                              : open_image(path.string(), options.image.regions, listings);
      search(image, how, options, are_several, *output);
    } catch (const Error& error) {
      if (!are_several || error.code() == ErrorCode::kCancelled) {
        throw;
      }
      failures.add("", error);
    }
  }
  output->end();
  return failures.finish();
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("IMAGE", "the image file, a directory or store of images, or docker://REF",
                      options->image.text, Completes::kImages);
  parameters.repeated("PATH",
                      "where to start (default: the root), or a pattern for whole paths, in which "
                      "** stands for any number of directories",
                      options->paths);
  parameters.option("--package", "PATTERN",
                    "search only the application packages whose full names match; may be given "
                    "several times",
                    &options->packages);
  find_criteria_options(parameters, options->criteria);
  parameters.flag("-0,--print0", "end each path with a NUL instead of a newline", options->print0);
  parameters.flag("--json-lines", "print a JSON object in each line", options->json_lines);
  parameters.flag("--bodyfile", "print a line for mactime of the Sleuth Kit", options->bodyfile);
  parameters.flag("--csv", "print comma-separated values with a header", options->csv);
  keep_going_option(parameters, options->keeps_going);
  image_argument_options(parameters, options->image);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 6> kExamples = {{
    {"cim find layers/7.cim --name '*.dll' --size +1M", "list large libraries"},
    {"cim find layers/7.cim 'Files/Users/**/NTUSER.DAT'", "list files by their paths"},
    {"cim find store --hash sha256 --type f", "print the digests of all files of all layers"},
    {"cim find layers/7.cim --type stream --name '*.exe'",
     "list the alternate streams of programs"},
    {"cim find layers/7.cim --bodyfile --hash md5 | mactime -b - -d", "make a timeline"},
    {"cim find layers/7.cim --content password --newer 2026-11-01",
     "search the contents of files written since a day"},
}};

}  // namespace
}  // namespace find_images_verb

constinit const Verb kFindVerb = {
    .name = "find",
    .summary = "search an image or a store",
    .description =
        "Lists the files, directories and links of an image that satisfy all criteria; alternate "
        "streams are listed with --type stream, and satisfy the criteria of names and metadata if "
        "their file does. Links are not followed.\n\n"
        "In patterns, * stands for any characters of a name, ? for one, [a-z] for one of several "
        "and, in a path, ** for any number of directories. Case is ignored.\n\n"
        "If IMAGE is a directory, all images in it and in its subdirectory cim-layers are "
        "searched, "
        "and each path follows the name of its image.\n\n"
        "Contents are read once for each object that files share, in the order in which they are "
        "stored. What cannot be read is reported, and the exit status is 1.",
    .examples = find_images_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = find_images_verb::prepare,
};

}  // namespace cim::cli
