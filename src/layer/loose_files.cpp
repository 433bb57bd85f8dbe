// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/loose_files.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cimlib/guid.h"

#include "base/path_status.h"
#include "layer/standard_files.h"

namespace cim::layer {
namespace {

using std::filesystem::path;

// The form of names that collecting garbage knows as a writer's.
path temporary_path(const path& directory, std::string_view loose_path) {
  return directory / fmt::format(".{}.{}.tmp", path(loose_path).filename().string(),
                                 Guid::random().to_string());
}

/// The directories from the layer's down to the file's.
std::vector<path> directories_to(const path& layer, std::string_view loose_path) {
  std::vector<path> directories = {layer};
  for (const path& name : path(loose_path).parent_path()) {
    directories.push_back(directories.back() / name);
  }
  return directories;
}

/// Whether all that is there of them is directories and no links.
bool is_plain_way(const std::vector<path>& directories) {
  // The layer's own directory may be a link: whoever runs us said so.
  for (std::size_t i = 1; i < directories.size(); ++i) {
    const auto status = link_status_of(directories[i]);
    if (std::filesystem::exists(status) && !std::filesystem::is_directory(status)) {
      return false;
    }
  }
  return true;
}

void make_plain_way(NewDirectories& made, const path& layer, std::string_view loose_path) {
  const std::vector<path> directories = directories_to(layer, loose_path);
  if (!is_plain_way(directories)) {
    throw Error(ErrorCode::kInvalidArgument, (layer / loose_path).string(),
                "what is above it is no directory");
  }
  for (const path& directory : directories) {
    made.make(directory);
  }
}

}  // namespace

LooseFiles::LooseFiles(path layer, path staging)
    : layer_(std::move(layer)), staging_(std::move(staging)) {}

LooseFiles::~LooseFiles() {
  std::error_code ignored;
  for (const auto& [name, staged] : files_) {
    std::filesystem::remove(staged, ignored);
  }
  for (const path& file : installed_) {
    std::filesystem::remove(file, ignored);
  }
}

File& LooseFiles::add(std::string_view path) {
  if (contains(path) || links_.contains(path)) {
    throw Error(ErrorCode::kExists, name_of(path), "the layer has this file already");
  }
  open_ = File::create_new(temporary_path(staging_, path));
  files_.emplace(path, open_.path());
  return open_;
}

void LooseFiles::add(std::string_view path, ByteView bytes) {
  add(path).write_at(0, bytes);
}

void LooseFiles::add_link(std::string_view path, std::string_view existing) {
  links_.emplace(path, existing);
}

void LooseFiles::add_copy(std::string_view path, std::string_view existing) {
  const auto from = staged(existing);
  const auto to = add(path).path();
  std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
}

void LooseFiles::remove(std::string_view path) {
  const auto found = files_.find(path);
  if (found != files_.end()) {
    remove_file(found->second);
    files_.erase(found);
  }
}

const path& LooseFiles::staged(std::string_view path) const {
  return files_.find(path)->second;
}

Error LooseFiles::renamed(const Error& error) const {
  const auto about = std::ranges::find_if(
      files_, [&error](const auto& file) { return file.second == error.subject(); });
  return about == files_.end()
             ? error
             : Error(error.code(), name_of(about->first), error.reason(), error.offset());
}

void LooseFiles::move(const path& from, const path& to) {
  installed_.push_back(to);
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (error == std::errc::cross_device_link) {
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
    File::open_read(to).sync();
    remove_file(from);
  } else if (error) {
    throw Error(ErrorCode::kIo, to.string(), "cannot be put there: " + error.message());
  }
}

void LooseFiles::make_directory() {
  directories_.make(layer_);
}

void LooseFiles::install() {
  remove_loose_files(layer_);
  std::vector<File> files;
  std::vector<File*> pointers;
  files.reserve(files_.size());
  for (const auto& [name, staged] : files_) {
    pointers.push_back(&files.emplace_back(File::open_read(staged)));
  }
  sync_together(pointers);
  for (const auto& [name, staged] : files_) {
    make_plain_way(directories_, layer_, name);
    move(staged, layer_ / name);
  }
  for (const auto& [name, existing] : links_) {
    make_plain_way(directories_, layer_, name);
    const path link = layer_ / name;
    installed_.push_back(link);
    std::error_code no_links_here;
    std::filesystem::create_hard_link(layer_ / existing, link, no_links_here);
    if (no_links_here) {
      std::filesystem::copy_file(layer_ / existing, link);
    }
  }
  std::set<path> changed = {layer_};
  for (const path& file : installed_) {
    changed.insert(file.parent_path());
  }
  for (const path& directory : changed) {
    sync_directory(directory);
  }
}

void LooseFiles::keep() noexcept {
  files_.clear();
  installed_.clear();
  directories_.keep();
}

bool remove_loose_files(const path& layer) {
  bool was_there = false;
  std::set<path> left;  // directories, each before those in it
  for (const std::string& name : all_loose_paths()) {
    const std::vector<path> directories = directories_to(layer, name);
    std::error_code unknown;
    if (!is_plain_way(directories) ||
        std::filesystem::is_directory(std::filesystem::symlink_status(layer / name, unknown))) {
      continue;
    }
    was_there = remove_file(layer / name) || was_there;
    left.insert(directories.begin() + 1, directories.end());
  }
  std::for_each(left.rbegin(), left.rend(), remove_empty_directory);
  return was_there;
}

}  // namespace cim::layer
