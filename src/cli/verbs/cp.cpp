// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>

#include "cli/image_reading.h"
#include "cli/image_transfer.h"
#include "cli/verb.h"

namespace cim::cli {
namespace cp_verb {
namespace {

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<ImageTransferOptions>();
  image_transfer_parameters(parameters, *options);
  regions_option(parameters, options->regions);
  return [options](Console& console) {
    return transfer_image(*options, copy_image, "copying", "copied", console);
  };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim cp images/tool.cim /srv/share", "copy an image with all of its files"},
    {"cim cp images/tool.cim images/test.cim", "give an image a second name; data is shared"},
    {"cim cp --regions /mnt/disk images/tool.cim /srv/share",
     "collect an image whose files were moved apart"},
}};

}  // namespace
}  // namespace cp_verb

constinit const Verb kCpVerb = {
    .name = "cp",
    .summary = "copy an image with all of its files",
    .description =
        "Copies an image into a directory or to a new name: the filesystem file, its region and "
        "object ID files, and those of its ancestors. The filesystem file is written last, after "
        "everything else is on disk, so the copy is complete or does not exist. If copying fails "
        "or is interrupted, what was copied is removed; cim gc removes what a crash leaves.\n\n"
        "A file that is in the target directory already, as those of an ancestor that another "
        "image there shares, is compared and not copied again. Names in another "
        "case, which some tools leave, are changed to the usual ones.",
    .examples = cp_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = cp_verb::prepare,
};

}  // namespace cim::cli
