// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/tar_output.h"

#include "cimlib/host_path.h"

namespace cim::cli {

void compression_option(Parameters& parameters, std::optional<std::string>& compression) {
  parameters.option("--compression", "KIND",
                    "compress the tar in this format (default: by its file name extension)",
                    &compression, Completes::kNothing, {"none", "gzip", "zstd"});
}

layer::Compression compression_of(const std::optional<std::string>& compression,
                                  const std::string& tar) {
  if (!compression) {
    return layer::compression_named(host_path(tar));
  }
  return *compression == "gzip"   ? layer::Compression::kGzip
         : *compression == "zstd" ? layer::Compression::kZstd
                                  : layer::Compression::kNone;
}

void check_tar_output(const std::string& tar, const Console& console) {
  if (tar != kStandardTar) {
    return;
  }
  if (console.json()) {
    throw UsageError{"the tar and the output of --json cannot both be written to standard output"};
  }
  if (console.output_terminal().is_terminal) {
    throw UsageError{"refusing to write a tar to a terminal"};
  }
}

ByteSource tar_input(const std::string& tar) {
  constexpr int kStandardInputOfTar = 0;
  return tar == kStandardTar ? ByteSource::descriptor(kStandardInputOfTar, "standard input")
                             : ByteSource(host_path(tar));
}

}  // namespace cim::cli
