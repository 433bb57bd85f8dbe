// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/gc.h"
#include "cimlib/layer.h"

#include "image/read/store_listing.h"
#include "layer/existing_layers.h"
#include "os/file.h"
#include "os/host_path.h"
#include "os/system_error.h"

namespace cim::layer {
namespace {

using std::filesystem::path;

// The files in a layer's directory, each once, however many names it has.
class DirectoryUsage {
 public:
  explicit DirectoryUsage(Usage& usage) : usage_(usage) {}

  void add_below(const path& top) {
    std::vector<path> directories = {top};
    while (!directories.empty()) {
      const path directory = std::move(directories.back());
      directories.pop_back();
      ++usage_.inodes;
      for (const auto& entry : entries_of(directory)) {
        const auto status = link_status_of(entry.path());
        if (std::filesystem::is_directory(status)) {
          directories.push_back(entry.path());
        } else if (std::filesystem::exists(status)) {
          add(entry.path(), std::filesystem::is_regular_file(status));
        }
      }
    }
  }

 private:
  void add(const path& file, bool is_regular) {
    if (is_regular && has_several_names(file)) {
      const FileStamp stamp = File::open_read_unlinked(file).stamp();
      if (!known_.emplace(stamp.device, stamp.number).second) {
        return;
      }
    }
    ++usage_.inodes;
    if (is_regular) {
      std::error_code error;
      const std::uint64_t size = std::filesystem::file_size(file, error);
      if (error) {
        throw_system_error(error, file.string(), "access");
      }
      usage_.size += size;
    }
  }

  static bool has_several_names(const path& file) {
    std::error_code error;
    const auto count = std::filesystem::hard_link_count(file, error);
    return !error && count > 1;
  }

  Usage& usage_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> known_;  // device and number
};

}  // namespace

Usage usage(const LayerPaths& given, const std::shared_ptr<DirectoryListings>& listings) {
  const LayerPaths layer = given.resolved();
  if (!has_image(layer)) {
    throw Error(ErrorCode::kNotFound, layer.layer.string(),
                fmt::format("not a layer: {} does not exist", layer.image.string()));
  }
  Usage usage;
  for (const ImageFile& file : image_files(layer.image, {}, listings)) {
    if (file.size) {
      (file.is_own ? usage.size : usage.shared_size) += *file.size;
      ++(file.is_own ? usage.inodes : usage.shared_inodes);
    }
  }
  if (std::filesystem::is_directory(status_of(layer.layer))) {
    DirectoryUsage(usage).add_below(layer.layer);
  }
  return usage;
}

}  // namespace cim::layer
