// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The order is that of a layer's writer (layer_writer.cpp): no filesystem file names the region
// files until all else is in place, so a process that finds the image finds the complete layer, and
// what a killed process leaves is garbage that the collection of garbage knows.
#include "oci/artifact/layer_assembly.h"

#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/check.h"
#include "cimlib/error.h"

#include "format/header.h"
#include "image/read/region_files.h"
#include "layer/existing_layers.h"
#include "layer/layer_marker.h"
#include "os/host_path.h"

namespace cim::oci {
namespace {

using std::filesystem::path;

// Another process may be completing the same layer.
constexpr std::chrono::seconds kLayerLockTimeout{60};
// Others that fail may remove an empty directory just after it was found.
constexpr int kDirectoryAttempts = 100;

std::vector<format::RegionSetEntry> expected_parents(const std::optional<path>& parent) {
  if (!parent) {
    return {};
  }
  const format::FilesystemHeader header = read_filesystem_header(*parent);
  std::vector<format::RegionSetEntry> sets = header.parents;
  sets.push_back(header.own);
  return sets;
}

bool have_same_bytes(const path& a, const path& b) {
  return std::filesystem::is_regular_file(link_status_of(a)) &&
         File::open_read_unlinked(a).size() == File::open_read_unlinked(b).size() &&
         layer::digest_of_file(a) == layer::digest_of_file(b);
}

}  // namespace

void check_filesystem(const ImageParts& parts, const std::optional<path>& parent,
                      const std::string& subject) {
  const auto header = format::decode_filesystem_header(parts.filesystem, path(subject));
  if (header.own != format::RegionSetEntry{parts.region_set, parts.regions}) {
    throw Error(ErrorCode::kCorrupt, subject,
                fmt::format("the filesystem file names the region set {} with {} regions; the "
                            "artifact has {} with {}",
                            header.own.guid.to_string(), header.own.count,
                            parts.region_set.to_string(), parts.regions));
  }
  if (header.parents != expected_parents(parent)) {
    throw Error(ErrorCode::kCorrupt, subject,
                "the filesystem file names other region sets than those of the layer below");
  }
}

LayerAssembly::LayerAssembly(const layer::LayerPaths& layer, std::optional<path> parent,
                             LockTimeout lock_timeout)
    : layer_(layer.resolved()),
      parent_(std::move(parent)),
      lock_timeout_(std::move(lock_timeout)),
      images_(directory_of(layer_.image)),
      sidecars_(layer_) {
  for (int attempt = 1; !images_lock_; ++attempt) {
    try {
      directories_.make(images_);
      images_lock_.emplace(images_, lock_timeout_, LockMode::kShared);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound || attempt == kDirectoryAttempts) {
        throw;
      }
    }
  }
}

LayerAssembly::~LayerAssembly() {
  std::error_code ignored;  // this is after a failure, whose cause is reported
  for (const path& file : placed_) {
    std::filesystem::remove(file, ignored);
  }
}

File& LayerAssembly::add(const std::string& name) {
  return parts_.emplace(name, std::make_unique<AtomicFile>(images_ / name)).first->second->file();
}

// A file that is there already is one that a killed process left, or belongs to an equal image:
// reproducible images have the same names. If it has other bytes, it is not touched.
void LayerAssembly::place_parts() {
  std::vector<File*> files;
  for (auto& [name, part] : parts_) {
    files.push_back(&part->file());
  }
  sync_together(files);
  for (auto& [name, part] : parts_) {
    const path target = images_ / name;
    try {
      part->publish(Publish::kFailIfThere, [&] { placed_.push_back(target); });
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kExists || !have_same_bytes(target, part->file().path())) {
        throw;
      }
    }
  }
  parts_.clear();
}

void LayerAssembly::check_image(const path& image) const {
  const CheckReport report = check(image, {.max_findings = 16, .stop = lock_timeout_.stop});
  for (const Finding& finding : report.findings) {
    if (finding.severity != Severity::kNote) {
      throw Error(ErrorCode::kCorrupt, layer_.image.string(),
                  "the image is damaged: " + to_string(finding));
    }
  }
  if (!report.is_clean()) {
    throw Error(ErrorCode::kCorrupt, layer_.image.string(), "the image is damaged");
  }
}

void LayerAssembly::publish(const ImageParts& parts, const SidecarList& list) {
  check_filesystem(parts, parent_, layer_.image.string());
  sidecars_.make_directory();
  layer_lock_.emplace(layer_.layer, LockTimeout(kLayerLockTimeout, lock_timeout_.stop));
  if (layer::has_image(layer_)) {
    throw Error(ErrorCode::kExists, layer_.image.string(),
                "another process has created the layer in the meantime");
  }
  place_parts();
  AtomicFile filesystem(layer_.image);
  filesystem.file().write_at(0, parts.filesystem);
  check_image(filesystem.file().path());
  restore_sidecars(list, Image(filesystem.file().path()), sidecars_);
  sidecars_.install();
  filesystem.publish(Publish::kFailIfThere, [this] {
    placed_.clear();
    sidecars_.dismiss();
    directories_.dismiss();
  });
  layer_lock_.reset();
  images_lock_.reset();
}

}  // namespace cim::oci
