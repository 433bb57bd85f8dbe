// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>

#include "cli/image_transfer.h"
#include "cli/verb.h"

namespace cim::cli {
namespace mv_verb {
namespace {

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<ImageTransferOptions>();
  image_transfer_parameters(parameters, *options);
  return [options](Console& console) {
    return transfer_image(*options, move_image, "moving", "moved", console);
  };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim mv images/tool.cim archive", "move an image with all of its files"},
    {"cim mv images/tool.cim images/tool-1.cim", "rename an image"},
}};

}  // namespace
}  // namespace mv_verb

constinit const Verb kMvVerb = {
    .name = "mv",
    .summary = "move or rename an image with all of its files",
    .description =
        "Moves an image into a directory or to a new name, with its region and object ID files "
        "and those of its ancestors. On one file system the files are linked, otherwise copied. "
        "The image is removed at its old place after it is complete at the new one.\n\n"
        "Files that other images in the old directory need, such as those of a common ancestor, "
        "are left there and copied. If forks need the image's own files, it is not moved to "
        "another directory; copy it with cim cp.",
    .examples = mv_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = mv_verb::prepare,
};

}  // namespace cim::cli
