// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "cli/image_argument.h"
#include "cli/image_reading.h"
#include "cli/listing.h"
#include "cli/verb.h"

namespace cim::cli {
namespace cat_verb {
namespace {

constexpr std::size_t kChunkSize = std::size_t{1} << 20;

struct Options {
  ImageArgument image;
  std::vector<std::string> paths;
};

Stream open_file(const Image& image, const ImagePath& path, FileId id) {
  if (image.info(id).is_directory()) {
    throw Error(ErrorCode::kInvalidArgument, image.path().string(),
                path.to_string() + " is a directory");
  }
  return image.open(id);
}

// Opens the stream that a path names, or the data of the file if it names none.
Stream open(const Image& image, const StreamPath& path) {
  const FileId id = find_or_fail(image, path.file);
  if (path.stream.empty()) {
    return open_file(image, path.file, id);
  }
  auto stream = image.open_stream(id, path.stream);
  if (!stream) {
    throw Error(ErrorCode::kNotFound, image.path().string(),
                path.file.to_string() + " has no stream of that name");
  }
  return std::move(*stream);
}

void write(const Stream& stream, Console& console) {
  // A small file needs no large buffer.
  std::vector<std::byte> buffer(
      static_cast<std::size_t>(std::min<std::uint64_t>(stream.size(), kChunkSize)));
  std::uint64_t offset = 0;
  while (const std::size_t size = stream.read(offset, buffer)) {
    console.write(std::span(buffer).first(size));
    offset += size;
  }
}

// A word is a path with or without a stream, or a pattern for files and the name of a stream.
struct Word {
  std::string file;
  std::u16string stream;
};

Word parse_word(const std::string& word) {
  if (!may_be_pattern(word)) {
    const StreamPath path = StreamPath::parse(word);
    return {path.file.to_string(), path.stream};
  }
  const std::size_t colon = std::min(word.find(':'), word.size());
  // The same rules hold for the name of a stream, whatever its file is called.
  return {word.substr(0, colon), StreamPath::parse("file" + word.substr(colon)).stream};
}

// Files that match a pattern but have no such data are left out.
bool is_wanted(const Image& image, const StreamPath& path) {
  const FileId id = find_or_fail(image, path.file);
  return path.stream.empty() ? !image.info(id).is_directory()
                             : image.open_stream(id, path.stream).has_value();
}

void write_word(const Image& image, const std::string& text, Console& console, Failures& failures) {
  const Word word = parse_word(text);
  const Selection selection = select(image, {word.file}, failures);
  bool is_any = !selection.is_list;
  for (const ImagePath& file : selection.paths) {
    const StreamPath path = {file, word.stream};
    try {
      if (!selection.is_list || is_wanted(image, path)) {
        is_any = true;
        write(open(image, path), console);
      }
    } catch (const Error& error) {
      if (!selection.is_list) {
        throw;
      }
      failures.add(file.to_string(), error);
    }
  }
  if (!is_any) {
    throw Error(ErrorCode::kNotFound, image.path().string(),
                "no file or stream matches the pattern " + text);
  }
}

int run(const Options& options, Console& console) {
  if (options.paths.empty()) {
    throw UsageError{"PATH[:STREAM] is missing", "cat"};
  }
  const Image image = open_image(options.image, console);
  Failures failures(console, false);
  for (const std::string& path : options.paths) {
    try {
      write_word(image, path, console, failures);
    } catch (const Error& error) {
      if (options.paths.size() == 1) {
        throw;
      }
      failures.add("", error);
    }
  }
  return failures.finish();
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  image_argument(parameters, options->image);
  parameters.repeated("PATH[:STREAM]",
                      "a file in the image, or a stream of a file or directory; or a pattern",
                      options->paths);
  image_argument_options(parameters, options->image);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim cat layers/7.cim Files/Windows/win.ini", "write a file to standard output"},
    {"cim cat layers/7.cim Files/a.exe:Zone.Identifier", "write an alternate stream"},
    {"cim cat layers/7.cim 'Files/Windows/Logs/*.log'", "write all files that match a pattern"},
}};

}  // namespace
}  // namespace cat_verb

constinit const Verb kCatVerb = {
    .name = "cat",
    .summary = "write a file or stream of an image to standard output",
    .description =
        "Writes the contents of a file, or of an alternate stream of a file or directory, to "
        "standard output, byte for byte; of several, one after another. Links are not followed.\n\n"
        "If PATH is not the path of a file and has one of the characters *?[, it is a pattern for "
        "whole paths, as in 'cim find'; directories that match are left out, and so are files "
        "without the stream.",
    .examples = cat_verb::kExamples,
    .prepare = cat_verb::prepare,
};

}  // namespace cim::cli
