// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Only files with a record are removed, and temporary files, which are written only under the lock.
// A crash leaves records of layers that no longer exist, never layers without records.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/layer.h"
#include "cimlib/store.h"

#include "image/read/store_listing.h"
#include "layer/layer_removal.h"
#include "os/directory_lock.h"
#include "os/file.h"
#include "os/host_path.h"
#include "store/contents.h"

namespace cim::store {
namespace {

using std::filesystem::path;

// The images that are forks of others, as far as their headers tell.
class Forks {
 public:
  explicit Forks(const path& of_images) {
    if (!std::filesystem::is_directory(status_of(of_images))) {
      return;
    }
    for (const ImageHeader& image : list_store(of_images)) {
      const std::string id = image.path.stem().string();
      own_.emplace(id, image.header.own.guid);
      for (const format::RegionSetEntry& parent : image.header.parents) {
        users_[parent.guid].push_back(id);
      }
    }
  }

  // Returns the images that need the image `id` and are not in `removed`. All are named as the
  // directories of their layers.
  std::vector<std::string> of(const std::string& id, const std::set<std::string>& removed) const {
    std::vector<std::string> left;
    const auto own = own_.find(id);
    const auto users = own == own_.end() ? users_.end() : users_.find(own->second);
    if (users != users_.end()) {
      std::ranges::copy_if(users->second, std::back_inserter(left),
                           [&](const std::string& user) { return !removed.contains(user); });
    }
    return left;
  }

 private:
  std::map<std::string, Guid> own_;
  std::map<Guid, std::vector<std::string>> users_;
};

class Collection {
 public:
  Collection(const path& store, const CollectOptions& options)
      : records_(store), options_(options), contents_(records_) {}

  CollectReport run() {
    const std::set<std::string> unneeded = unneeded_layers();
    const Forks forks(layer::cim_dir(records_.store() / "layer"));
    std::set<std::string> removed;
    for (const oci::LayerRecord* layer : children_first(unneeded)) {
      const std::string name = oci::directory_name(*layer);
      const auto users = forks.of(name, removed);
      if (users.empty()) {
        removed.insert(name);
      }
      plan_.emplace_back(layer, users);
    }
    for (const auto& [layer, users] : plan_) {
      collect(*layer, users);
    }
    collect_documents();
    collect_tar_records();
    for (const path& directory : records_.directories()) {
      collect_temporary_files(directory);
    }
    return std::move(report_);
  }

 private:
  // Removes the records of images without names, so that they are gone before their layers are.
  std::set<std::string> unneeded_layers() {
    std::set<std::string> needed;
    for (const auto& [id, names] : contents_.names) {
      if (!contents_.images.contains(id)) {
        throw Error(ErrorCode::kCorrupt, records_.path_of_name(names.front()).string(),
                    "the image that has this name is not recorded");
      }
    }
    for (const auto& [id, record] : contents_.images) {
      if (contents_.names.contains(id)) {
        for (const oci::Digest& chain_id : record.chain) {
          needed.insert(chain_id.hex());
        }
        documents_.insert(record.manifest.hex());
        documents_.insert(record.configuration.hex());
      } else {
        report_.images.push_back(record.manifest.text());
        remove(records_.path_of_image(record.manifest));
      }
    }
    std::set<std::string> unneeded;
    for (const auto& [id, record] : contents_.layers) {
      if (!needed.contains(id)) {
        unneeded.insert(id);
      }
    }
    return unneeded;
  }

  // A layer follows all layers that are based on it.
  std::vector<const oci::LayerRecord*> children_first(const std::set<std::string>& ids) const {
    std::map<std::string, std::size_t> depths;
    std::vector<std::pair<std::size_t, const oci::LayerRecord*>> all;
    all.reserve(ids.size());
    for (const std::string& id : ids) {
      all.emplace_back(depth_of(id, depths), &contents_.layers.at(id));
    }
    std::ranges::stable_sort(all, std::greater<>(), [](const auto& each) { return each.first; });
    std::vector<const oci::LayerRecord*> layers;
    layers.reserve(all.size());
    for (const auto& [depth, record] : all) {
      layers.push_back(record);
    }
    return layers;
  }

  // A chain id is a digest over those below, so no layer can be based on itself.
  std::size_t depth_of(const std::string& id, std::map<std::string, std::size_t>& known) const {
    std::vector<std::string> way;
    std::size_t depth = 0;
    for (std::string at = id;;) {
      if (const auto found = known.find(at); found != known.end()) {
        depth = found->second;
        break;
      }
      way.push_back(at);
      const auto record = contents_.layers.find(at);
      if (record == contents_.layers.end() || !record->second.parent) {
        break;
      }
      at = record->second.parent->hex();
    }
    for (auto step = way.rbegin(); step != way.rend(); ++step) {
      known[*step] = ++depth;
    }
    return depth;
  }

  void collect(const oci::LayerRecord& record, const std::vector<std::string>& users) {
    const path directory = records_.layer_directory(record);
    if (!users.empty()) {
      report_.kept.push_back({directory, fmt::format("{} is based on it", users.front())});
      return;
    }
    const std::uint64_t size = size_of_layer(directory, listings_);
    const bool was_there = layer::is_cim_layer(directory);
    try {
      if (!options_.dry_run) {
        destroy(directory);
        remove_empty_directory(directory);  // of an import that was killed before it wrote there
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kBusy) {
        throw;
      }
      report_.kept.push_back({directory, error.reason()});
      return;
    }
    if (was_there) {
      report_.layers.push_back(directory);
      report_.size += size;
    }
    collect_file(records_.path_of_tar_record(record.chain_id));
    remove(records_.path_of_layer(record.chain_id));
  }

  // A lock that is not released for the first layer is not for the others either.
  void destroy(const path& directory) {
    if (lock_failure_) {
      throw Error(*lock_failure_);
    }
    if (!removal_ && std::filesystem::is_directory(status_of(layer::cim_dir(directory)))) {
      try {
        removal_.emplace(layer::cim_dir(directory), options_.lock_timeout);
      } catch (const Error& error) {
        lock_failure_ = error;
        throw;
      }
    }
    if (removal_) {
      removal_->destroy(directory);
    }
  }

  void collect_documents() {
    for (const path& file : files_in(records_.directory() / "blobs" / "sha256")) {
      const std::string name = file.filename().string();
      if (oci::Digest::parse("sha256:" + name) && !documents_.contains(name)) {
        collect_file(file);
      }
    }
  }

  // An import that failed may have left the record of a tar without a layer.
  void collect_tar_records() {
    for (const path& file : files_in(records_.directory() / "tars")) {
      const auto id = oci::Digest::parse("sha256:" + file.stem().string());
      if (id && file.extension() == ".zst" && !contents_.layers.contains(id->hex())) {
        collect_file(file);
      }
    }
  }

  static std::vector<path> files_in(const path& directory) {
    std::vector<path> files;
    if (std::filesystem::is_directory(status_of(directory))) {
      for (const auto& entry : entries_of(directory)) {
        files.push_back(entry.path());
      }
    }
    return files;
  }

  void collect_temporary_files(const path& directory) {
    for (const path& file : files_in(directory)) {
      if (is_temporary_name(file.filename().string())) {
        collect_file(file);
      }
    }
  }

  void collect_file(const path& file) {
    if (!std::filesystem::is_regular_file(link_status_of(file))) {
      return;
    }
    const std::uint64_t size = File::open_read_unlinked(file).size();
    report_.files.push_back({file, size});
    report_.size += size;
    remove(file);
  }

  void remove(const path& file) const {
    if (!options_.dry_run && remove_file(file)) {
      sync_directory(file.parent_path());
    }
  }

  oci::StoreRecords records_;
  const CollectOptions& options_;
  Contents contents_;
  std::set<std::string> documents_;  // that images need, in hexadecimal
  std::optional<layer::LayerRemoval> removal_;
  std::optional<Error> lock_failure_;
  std::vector<std::pair<const oci::LayerRecord*, std::vector<std::string>>> plan_;
  // Layers are removed meanwhile. Files that are listed still, but are gone, have no size.
  std::shared_ptr<DirectoryListings> listings_ = new_directory_listings();
  CollectReport report_;
};

}  // namespace

CollectReport collect_garbage(const path& store, const CollectOptions& options) {
  require_store(store);
  CollectReport report;
  std::optional<DirectoryLock> lock;
  if (const oci::StoreRecords records(store); records.exist()) {
    if (!options.dry_run) {
      lock.emplace(records.directory(), options.lock_timeout);
    }
    report = Collection(store, options).run();
  }
  const std::vector<GarbageFile> files =
      options.dry_run ? find_garbage(store) : cim::collect_garbage(store, options.lock_timeout);
  for (const GarbageFile& file : files) {
    report.files.push_back(file);
    report.size += file.size;
  }
  return report;
}

}  // namespace cim::store
