// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The chain id of a layer follows from its tar, so it is known only when the layer is complete.
// Until it is recorded, a killed commit leaves a layer without an image, as layer::commit() makes
// it.
#include <ctime>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/layer.h"
#include "cimlib/layer_export.h"
#include "cimlib/store.h"
#include "cimlib/store_commit.h"

#include "base/printable.h"
#include "os/crypto.h"
#include "os/directory_lock.h"
#include "os/host_path.h"
#include "store/committed_documents.h"
#include "store/contents.h"

namespace cim::store {
namespace {

using std::filesystem::path;

/// The image that a commit changes.
struct CommitBase {
  Details details;
  oci::LayerRecord layer;  // the last one
};

// Returns the store of a layer whose image is where an import puts it; empty for any other layer.
path store_of(const layer::LayerPaths& given) {
  const layer::LayerPaths layer = given.resolved();
  return layer.image_path() == layer::cim_path(layer.layer) ? directory_of(layer.layer) : path();
}

std::string time_of_commit(bool is_reproducible) {
  const std::time_t now = is_reproducible ? 0 : std::time(nullptr);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

class ImageCommit {
 public:
  ImageCommit(const layer::LayerPaths& layer, const std::vector<layer::LayerPaths>& parents,
              const CommitOptions& options)
      : layer_(layer.resolved()),
        parents_(parents),
        options_(options),
        lock_timeout_{options.layer.writer.lock_timeout.time, options.layer.stop} {
    check_options();
    find_store();
    if (records_) {
      lock_.emplace(records_->directory(), lock_timeout_, LockMode::kShared);
      find_base();
    }
    if (!base_ && options.requires_image()) {
      throw Error(ErrorCode::kNotFound, layer_.layer.string(),
                  "the layer below is not the last one of an image of the same store, so there is "
                  "no image to change");
    }
  }

  CommitResult run(const path& upper) {
    CommitResult result{.layer = layer::commit(upper, layer_, parents_, options_.layer)};
    if (!base_) {
      return result;
    }
    try {
      result.image = record();
    } catch (...) {
      remove_layer();
      throw;
    }
    return result;
  }

 private:
  void check_options() const {
    if (!options_.name.empty() && !oci::is_image_name(options_.name)) {
      throw Error(ErrorCode::kInvalidArgument, printable(options_.name),
                  "cannot be the name of an image");
    }
  }

  void find_store() {
    const path store = store_of(layer_);
    const path of_parent = parents_.empty() ? path() : store_of(parents_.front());
    if (!store.empty() && !of_parent.empty() && is_same_file(store, of_parent) &&
        oci::is_directory_name(layer_.layer.filename().string())) {
      records_.emplace(store);
      if (!records_->exist()) {
        records_.reset();
      }
    }
  }

  void find_base() {
    const Contents contents(*records_);
    const std::string directory = parents_.front().resolved().layer.filename().string();
    for (const auto& [id, record] : contents.layers) {
      if (oci::directory_name(record) == directory) {
        choose_base(contents, record);
      }
    }
  }

  // An image without names is garbage unless it is chosen.
  void choose_base(const Contents& contents, const oci::LayerRecord& parent) {
    const auto ends_with_parent = [&](const oci::ImageRecord& image) {
      return !image.chain.empty() && image.chain.back() == parent.chain_id;
    };
    const oci::ImageRecord* found = nullptr;
    if (!options_.base.empty()) {
      found = &find_image(contents, records_->store(), options_.base);
      if (!ends_with_parent(*found)) {
        throw Error(ErrorCode::kInvalidArgument, printable(options_.base),
                    "the layer below is not the last one of this image");
      }
    }
    for (const auto& [id, image] : contents.images) {
      if (options_.base.empty() && contents.names.contains(id) && ends_with_parent(image)) {
        if (found != nullptr && found->configuration != image.configuration) {
          return report_several(contents, *found, image);
        }
        found = &image;
      }
    }
    if (found != nullptr) {
      base_.emplace(CommitBase{inspect(records_->store(), found->manifest.text()), parent});
    }
  }

  void report_several(const Contents& contents, const oci::ImageRecord& one,
                      const oci::ImageRecord& other) const {
    const auto name = [&](const oci::ImageRecord& image) {
      return printable(contents.names.at(image.manifest.hex()).front());
    };
    std::string text =
        fmt::format("several images end with the layer below ({}, {}); name the one to change",
                    name(one), name(other));
    if (options_.requires_image()) {
      throw Error(ErrorCode::kInvalidArgument, layer_.layer.string(), std::move(text));
    }
    if (options_.layer.warning) {
      options_.layer.warning(layer_.layer.string() + ": no image is made: " + text);
    }
  }

  void remove_layer() const noexcept {
    try {
      layer::destroy(layer_, lock_timeout_);
    } catch (const Error&) {  // the cause is reported
    }
  }

  CommittedImage record() const {
    const layer::ExportResult exported = layer::export_tar(
        layer_, [](ByteView) {},
        {.parents = {parents_.front()}, .digests = true, .stop = options_.layer.stop});
    const AddedLayer added{.diff_id = oci::Digest::parse(exported.diff_id).value(),
                           .tar_size = exported.tar_size,
                           .author = options_.author,
                           .message = options_.message,
                           .created = time_of_commit(options_.layer.writer.reproducible)};
    const std::string configuration = configuration_with(base_->details, added);
    const std::string manifest = manifest_with(base_->details, added, configuration);
    const oci::Digest chain_id = record_layer(added);
    oci::ImageRecord image{.manifest = oci::Digest(Sha256::of(as_bytes(manifest))),
                           .media_type = base_->details.manifest_type,
                           .configuration = oci::Digest(Sha256::of(as_bytes(configuration))),
                           .platform = base_->details.image.platform,
                           .chain = {}};
    for (const Layer& below : base_->details.layers) {
      image.chain.push_back(oci::Digest::parse(below.chain_id).value());
    }
    image.chain.push_back(chain_id);
    records_->put_document(image.configuration, as_bytes(configuration));
    records_->put_document(image.manifest, as_bytes(manifest));
    records_->put(image);
    const std::string name = options_.name.empty() ? image.manifest.text() : options_.name;
    records_->put(oci::NameRecord{.name = name, .manifest = image.manifest}, lock_timeout_);
    return {.name = name,
            .digest = image.manifest.text(),
            .configuration = image.configuration.text(),
            .chain_id = chain_id.text(),
            .diff_id = added.diff_id.text()};
  }

  // A layer that the store has already, with equal changes, remains the one of the record.
  oci::Digest record_layer(const AddedLayer& added) const {
    oci::LayerRecord record{.chain_id = oci::chain_id_on(base_->layer.chain_id, added.diff_id),
                            .parent = base_->layer.chain_id,
                            .diff_id = added.diff_id,
                            .media_type = layer_type_on(base_->details),
                            .packed = added.diff_id,
                            .packed_size = added.tar_size,
                            .plain_size = added.tar_size,
                            .directory = layer_.layer.filename().string()};
    const auto known = records_->layer(record.chain_id);
    if (!known || !layer::is_cim_layer(records_->layer_directory(*known))) {
      records_->put(record);
    }
    return record.chain_id;
  }

  layer::LayerPaths layer_;
  const std::vector<layer::LayerPaths>& parents_;
  const CommitOptions& options_;
  LockTimeout lock_timeout_;
  std::optional<oci::StoreRecords> records_;
  std::optional<DirectoryLock> lock_;  // garbage collection would remove what the image needs
  std::optional<CommitBase> base_;
};

}  // namespace

CommitResult commit(const path& upper, const layer::LayerPaths& layer,
                    const std::vector<layer::LayerPaths>& parents, const CommitOptions& options) {
  try {
    return ImageCommit(layer, parents, options).run(upper);
  } catch (const nlohmann::json::exception& error) {
    throw Error(
        ErrorCode::kCorrupt, layer.layer.string(),
        fmt::format("a document of the image below has an unexpected form: {}", error.what()));
  }
}

}  // namespace cim::store
