// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "cli/image_argument.h"
#include "cli/listing.h"
#include "cli/verb.h"

namespace cim::cli {
namespace cat_verb {
namespace {

constexpr std::size_t kChunkSize = std::size_t{1} << 20;

struct Options {
  ImageArgument image;
  std::string path;
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

int run(const Options& options, Console& console) {
  const Image image = open_image(options.image, console);
  const Stream stream = open(image, StreamPath::parse(options.path));
  // A small file needs no large buffer.
  std::vector<std::byte> buffer(
      static_cast<std::size_t>(std::min<std::uint64_t>(stream.size(), kChunkSize)));
  std::uint64_t offset = 0;
  while (const std::size_t size = stream.read(offset, buffer)) {
    console.write(std::span(buffer).first(size));
    offset += size;
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  image_argument(parameters, options->image);
  parameters.required("PATH[:STREAM]", "the file in the image, or a stream of a file or directory",
                      options->path);
  remote_image_options(parameters, options->image);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim cat layers/7.cim Files/Windows/win.ini", "write a file to standard output"},
    {"cim cat layers/7.cim Files/a.exe:Zone.Identifier", "write an alternate stream"},
}};

}  // namespace
}  // namespace cat_verb

constinit const Verb kCatVerb = {
    .name = "cat",
    .summary = "write a file or stream of an image to standard output",
    .description =
        "Writes the contents of a file, or of an alternate stream of a file or directory, to "
        "standard output, byte for byte. Links are not followed.",
    .examples = cat_verb::kExamples,
    .prepare = cat_verb::prepare,
};

}  // namespace cim::cli
