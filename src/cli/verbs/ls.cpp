// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/image.h"
#include "cimlib/wtf8.h"

#include "cli/image_argument.h"
#include "cli/json_output.h"
#include "cli/listing.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace ls_verb {
namespace {

struct Options {
  ImageArgument image;
  std::optional<std::string> path;
  bool is_long = false;
  bool is_recursive = false;
  bool shows_ids = false;
};

// A file that was found: by its name, or by its path if the listing is recursive.
struct Found {
  std::string name;
  const ImagePath& path;
  FileId id;
};

// Writes text or JSON, entry by entry.
class Listing {
 public:
  Listing(const Image& image, const Options& options, Console& console)
      : image_(image), options_(options), console_(console) {
    if (console.json()) {
      json_.emplace(console);
    }
  }

  // Shows an entry whose record is known, or is asked for if it is needed.
  void add(const Found& found, const FileInfo* info = nullptr) {
    std::optional<FileInfo> asked;
    if (info == nullptr && (json_ || options_.is_long)) {
      info = &asked.emplace(image_.info(found.id));
    }
    if (json_) {
      json_->add(file_json(image_, *info, names_json(found)));
    } else {
      print(found, info);
    }
  }

  void end() {
    if (json_) {
      json_->end();
    }
  }

 private:
  static Json names_json(const Found& found) {
    Json names;
    put_text(names, "path", *to_utf16(joined(found.path)));
    return names;
  }

  void print(const Found& found, const FileInfo* info) {
    const Terminal& terminal = console_.output_terminal();
    if (options_.shows_ids) {
      console_.print("{:>9} ", found.id);
    }
    if (options_.is_long) {
      console_.print("{} {:>13} {} ", attribute_letters(*info), info->size,
                     short_time(info->times.last_write));
    }
    console_.print(shown(found.name, terminal));
    if (options_.is_long && info->is_reparse_point()) {
      console_.print(" -> " + shown(to_wtf8(link_text(image_, *info)), terminal));
    }
    console_.print("\n");
  }

  const Image& image_;
  const Options& options_;
  Console& console_;
  std::optional<JsonList> json_;
};

// Returns true if everything could be read.
bool list_below(const Image& image, const ImagePath& from, Listing& listing, Console& console) {
  bool is_whole = true;
  image.walk(from,
             [&](const WalkEntry& entry) {
               if (entry.path.names().size() > from.names().size()) {
                 listing.add({joined(entry.path, from), entry.path, entry.info.id}, &entry.info);
               }
               return true;
             },
             {.failure = [&](const ImagePath& path, const Error& error) {
               console.error(fmt::format("{}: {}", path.to_string(), error.what()));
               is_whole = false;
             }});
  return is_whole;
}

int run(const Options& options, Console& console) {
  const Image image = open_image(options.image, console);
  const ImagePath path = ImagePath::parse(options.path.value_or(""));
  const FileId id = find_or_fail(image, path);
  Listing listing(image, options, console);
  bool is_whole = true;
  if (!image.info(id).is_directory()) {
    listing.add({to_wtf8(path.name()), path, id});
  } else if (options.is_recursive) {
    is_whole = list_below(image, path, listing, console);
  } else {
    for (const DirectoryEntry& entry : image.list(id)) {
      listing.add({to_wtf8(entry.name), path.child(entry.name), entry.id});
    }
  }
  listing.end();
  return is_whole ? kSuccess : kFailure;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  image_argument(parameters, options->image);
  parameters.optional("PATH", "the directory or file to list (default: the root)", options->path);
  parameters.flag("-l,--long", "show attributes, size and time of last write", options->is_long);
  parameters.flag("-R,--recursive", "list subdirectories recursively, with paths",
                  options->is_recursive);
  parameters.flag("-i,--ids", "show file IDs", options->shows_ids);
  remote_image_options(parameters, options->image);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim ls layers/7.cim", "list the root directory of an image"},
    {"cim ls -l layers/7.cim Files/Windows/System32", "list a directory in long format"},
    {"cim ls -R --json layers/7.cim", "list the whole image as JSON"},
}};

}  // namespace
}  // namespace ls_verb

constinit const Verb kLsVerb = {
    .name = "ls",
    .summary = "list a directory of an image",
    .description =
        "Lists the entries of a directory, or a file itself, in the order in which the image "
        "stores them.\n\n"
        "The long format has seven letters for directory, archive, read-only, hidden, system, "
        "link (or another reparse point) and sparse, the size in bytes, the time in UTC and, for "
        "a link, its target. On a terminal, control characters are shown as \\x1b or \\u202e.",
    .examples = ls_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = ls_verb::prepare,
};

}  // namespace cim::cli
