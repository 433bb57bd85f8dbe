// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/image.h"
#include "cimlib/wtf8.h"

#include "cli/image_reading.h"
#include "cli/listing.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace tree_verb {
namespace {

struct Options {
  std::string image;
  std::optional<std::string> path;
  std::optional<std::uint64_t> depth;
  std::vector<std::string> regions;
};

// The pieces that lines are drawn with: a name with others after it, the last name, and what
// continues below either.
struct Lines {
  std::string_view branch;
  std::string_view last_branch;
  std::string_view passing;
  std::string_view nothing;
};
constexpr Lines kUnicodeLines = {"├── ", "└── ", "│   ", "    "};
constexpr Lines kAsciiLines = {"|-- ", "`-- ", "|   ", "    "};

class Tree {
 public:
  Tree(const Image& image, const Options& options, Console& console)
      : image_(image),
        deepest_(options.depth.value_or(UINT64_MAX)),
        console_(console),
        lines_(console.output_terminal().is_utf8 ? kUnicodeLines : kAsciiLines) {}

  void print(const ImagePath& from, Failures& failures) {
    const std::size_t above = from.names().size();
    image_.walk(from,
                [&](const WalkEntry& entry) {
                  if (const std::size_t level = entry.path.names().size() - above; level != 0) {
                    print(entry, level);
                  }
                  return true;
                },
                {.depth = static_cast<std::size_t>(std::min<std::uint64_t>(deepest_, SIZE_MAX)),
                 .failure = [&](const ImagePath& path, const Error& error) {
                   failures.add(path.to_string(), error);
                 }});
    console_.print("\n{}, {}\n", counted(directories_, "directory", "directories"),
                   counted(files_, "file", "files"));
  }

 private:
  // A level above draws a vertical line if more names follow in its directory.
  void print(const WalkEntry& entry, std::size_t level) {
    const FileInfo& info = entry.info;
    const Terminal& terminal = console_.output_terminal();
    is_last_.resize(level);
    is_last_.back() = entry.is_last;
    for (std::size_t i = 0; i + 1 < level; ++i) {
      console_.print(is_last_[i] ? lines_.nothing : lines_.passing);
    }
    console_.print(entry.is_last ? lines_.last_branch : lines_.branch);
    console_.print(shown(to_wtf8(entry.path.name()), terminal));
    if (info.is_reparse_point()) {
      console_.print(" -> " + shown(to_wtf8(link_text(image_, info)), terminal));
    }
    console_.print("\n");
    ++(info.is_directory() ? directories_ : files_);
  }

  const Image& image_;
  std::uint64_t deepest_;
  Console& console_;
  Lines lines_;
  std::vector<bool> is_last_;  // for each level, whether its name is the last in its directory
  std::uint64_t directories_ = 0;
  std::uint64_t files_ = 0;
};

int run(const Options& options, Console& console) {
  const Image image = open_image(options.image, options.regions);
  const ImagePath path = ImagePath::parse(options.path.value_or(""));
  const FileId id = find_or_fail(image, path);
  if (!image.info(id).is_directory()) {
    throw Error(ErrorCode::kInvalidArgument, options.image,
                path.to_string() + " is not a directory");
  }
  console.print("{}\n",
                shown(path.is_root() ? options.image : joined(path), console.output_terminal()));
  Failures failures(console, false);
  Tree(image, options, console).print(path, failures);
  return failures.finish();
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("IMAGE", "the image file", options->image, Completes::kImages);
  parameters.optional("PATH", "the directory to show (default: the root)", options->path);
  parameters.option("-d,--depth", "LEVELS", "descend at most this many levels", &options->depth);
  regions_option(parameters, options->regions);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim tree layers/7.cim Files/Users", "show the contents of a directory as a tree"},
    {"cim tree --depth 2 layers/7.cim", "show the top two levels"},
}};

}  // namespace
}  // namespace tree_verb

constinit const Verb kTreeVerb = {
    .name = "tree",
    .summary = "show the directories of an image as a tree",
    .description =
        "Shows the contents of a directory as a tree, and the number of directories and files in "
        "it. Links are shown with their targets and not followed. 'cim ls -R --json' gives the "
        "same information to programs.",
    .examples = tree_verb::kExamples,
    .prepare = tree_verb::prepare,
};

}  // namespace cim::cli
