// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/image_transfer.h"

#include <system_error>

#include <fmt/format.h>

#include "cimlib/host_path.h"

#include "cli/image_reading.h"
#include "cli/image_writing.h"
#include "cli/json_output.h"
#include "cli/progress_bar.h"
#include "cli/text_output.h"

namespace cim::cli {
namespace {

// In a directory, an image keeps its name.
std::filesystem::path target_path(const ImageTransferOptions& options) {
  std::error_code none;  // reported when the target is created
  const std::filesystem::path target = host_path(options.target);
  return std::filesystem::is_directory(target, none) ? target / host_path(options.image).filename()
                                                     : target;
}

void report_as_json(const std::filesystem::path& target, const std::vector<TransferredFile>& files,
                    Console& console) {
  Json list = Json::array();
  for (const TransferredFile& file : files) {
    list.push_back({{"from", file.source.string()},
                    {"to", file.target.string()},
                    {"size", file.size},
                    {"was_there", file.was_there},
                    {"needed_elsewhere", file.is_kept}});
  }
  print_json(console, {{"image", target.string()}, {"files", std::move(list)}});
}

void report(const std::filesystem::path& target, const std::vector<TransferredFile>& files,
            std::string_view done, Console& console) {
  std::uint64_t bytes = 0;
  std::uint64_t there = 0;
  std::uint64_t kept = 0;
  for (const TransferredFile& file : files) {
    console.explain(shown(file.target.string(), console.errors_terminal()));
    bytes += file.was_there ? 0 : file.size;
    there += file.was_there ? 1 : 0;
    kept += file.is_kept ? 1 : 0;
  }
  console.inform(
      fmt::format("{} {} to {} ({})", done, counted(files.size() - there, "file", "files"),
                  shown(target.string(), console.errors_terminal()), readable_size(bytes)));
  if (there > 0) {
    console.inform(fmt::format("{} already there and shared with other images",
                               counted(there, "file was", "files were")));
  }
  if (kept > 0) {
    console.inform(fmt::format("{} also left in the old directory, where other images need them",
                               counted(kept, "file was", "files were")));
  }
}

}  // namespace

void image_transfer_parameters(Parameters& parameters, ImageTransferOptions& options) {
  parameters.required("IMAGE", "the image file", options.image, Completes::kImages);
  parameters.required("TARGET", "a directory, or the new image file", options.target,
                      Completes::kFiles);
  wait_option(parameters, options.wait_seconds);
}

int transfer_image(const ImageTransferOptions& options, ImageTransfer transfer,
                   std::string_view doing, std::string_view done, Console& console) {
  const std::filesystem::path target = target_path(options);
  std::vector<TransferredFile> files;
  {
    ProgressBar bar(console, doing);
    files = transfer(host_path(options.image), target,
                     {.region_directories = host_paths(options.regions),
                      .lock_timeout = lock_timeout(options.wait_seconds),
                      .progress = bar.sink(),
                      .stop = console.stop_on_interruption()});
  }
  if (console.json()) {
    report_as_json(target, files, console);
  } else {
    report(target, files, done, console);
  }
  return kSuccess;
}

}  // namespace cim::cli
