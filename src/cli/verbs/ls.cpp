// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/image.h"
#include "cimlib/wtf8.h"

#include "cli/image_argument.h"
#include "cli/image_reading.h"
#include "cli/json_output.h"
#include "cli/listing.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace ls_verb {
namespace {

struct Options {
  ImageArgument image;
  std::vector<std::string> paths;
  bool is_long = false;
  bool is_recursive = false;
  bool shows_ids = false;
  bool keeps_going = false;
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

  // Shows the path of a directory above its entries; JSON has it in each of them.
  void begin_directory(const ImagePath& path) {
    if (!json_) {
      console_.print("{}{}:\n", is_empty_ ? "" : "\n",
                     path.is_root() ? "/" : shown(joined(path), console_.output_terminal()));
    }
    is_empty_ = false;
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
    is_empty_ = false;
    const bool is_link = options_.is_long && info->is_reparse_point();
    const std::string target = is_link ? to_wtf8(link_text(image_, *info)) : std::string();
    const Terminal& terminal = console_.output_terminal();
    if (options_.shows_ids) {
      console_.print("{:>9} ", found.id);
    }
    if (options_.is_long) {
      console_.print("{} {:>13} {} ", attribute_letters(*info), info->size,
                     short_time(info->times.last_write));
    }
    console_.print(shown(found.name, terminal));
    if (is_link) {
      console_.print(" -> " + shown(target, terminal));
    }
    console_.print("\n");
  }

  const Image& image_;
  const Options& options_;
  Console& console_;
  std::optional<JsonList> json_;
  bool is_empty_ = true;
};

// An entry that cannot be read does not hide the others.
void try_to_add(Listing& listing, const Found& found, const FileInfo* info, Failures& failures) {
  try {
    listing.add(found, info);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kLimit || error.code() == ErrorCode::kCancelled) {
      throw;
    }
    failures.add(found.path.to_string(), error);
  }
}

void list_below(const Image& image, const ImagePath& from, const Options& options, Listing& listing,
                Failures& failures) {
  image.walk(from,
             [&](const WalkEntry& entry) {
               if (entry.path.names().size() > from.names().size()) {
                 try_to_add(listing, {joined(entry.path, from), entry.path, entry.info.id},
                            &entry.info, failures);
               }
               return true;
             },
             {.failure = [&](const ImagePath& path,
                             const Error& error) { failures.add(path.to_string(), error); },
              .refuses_blank_records = options.keeps_going});
}

void list_directory(const Image& image, const ImagePath& path, FileId id, Listing& listing,
                    Failures& failures) {
  for (const DirectoryEntry& entry : image.list(id)) {
    const ImagePath child = path.child(entry.name);
    try_to_add(listing, {to_wtf8(entry.name), child, entry.id}, nullptr, failures);
  }
}

void list(const Image& image, const ImagePath& path, const Options& options, bool is_list,
          Listing& listing, Failures& failures) {
  const FileId id = find_or_fail(image, path);
  if (!image.info(id).is_directory()) {
    return listing.add({is_list ? joined(path) : to_wtf8(path.name()), path, id});
  }
  if (is_list) {
    listing.begin_directory(path);
  }
  if (options.is_recursive) {
    list_below(image, path, options, listing, failures);
  } else {
    list_directory(image, path, id, listing, failures);
  }
}

int run(const Options& options, Console& console) {
  const Image image = open_image(options.image, console);
  Failures failures(console, options.keeps_going);
  const Selection selection = select(image, options.paths, failures);
  Listing listing(image, options, console);
  for (const ImagePath& path : selection.paths) {
    try {
      list(image, path, options, selection.is_list, listing, failures);
    } catch (const Error& error) {
      if (!selection.is_list && !options.keeps_going) {
        throw;
      }
      failures.add(path.to_string(), error);
    }
  }
  listing.end();
  return failures.finish();
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  image_argument(parameters, options->image);
  parameters.repeated("PATH", "a directory or file to list, or a pattern (default: the root)",
                      options->paths);
  parameters.flag("-l,--long", "show attributes, size and time of last write", options->is_long);
  parameters.flag("-R,--recursive", "list subdirectories recursively, with paths",
                  options->is_recursive);
  parameters.flag("-i,--ids", "show file IDs", options->shows_ids);
  keep_going_option(parameters, options->keeps_going);
  image_argument_options(parameters, options->image);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 4> kExamples = {{
    {"cim ls layers/7.cim", "list the root directory of an image"},
    {"cim ls -l layers/7.cim Files/Windows/System32", "list a directory in long format"},
    {"cim ls -l layers/7.cim 'Files/Windows/**/*.dll'", "list the files that match a pattern"},
    {"cim ls -R --json layers/7.cim", "list the whole image as JSON"},
}};

}  // namespace
}  // namespace ls_verb

constinit const Verb kLsVerb = {
    .name = "ls",
    .summary = "list a directory of an image",
    .description =
        "Lists the entries of a directory, or a file itself, in the order in which the image "
        "stores them. If PATH is not the path of a file and has one of the characters *?[, it is "
        "a pattern for whole paths, as in 'cim find'; of a list of several, the path of each "
        "directory is shown above its entries.\n\n"
        "The long format has seven letters for directory, archive, read-only, hidden, system, "
        "link (or another reparse point) and sparse, the size in bytes, the time in UTC and, for "
        "a link, its target. On a terminal, control characters are shown as \\x1b or \\u202e.",
    .examples = ls_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = ls_verb::prepare,
};

}  // namespace cim::cli
