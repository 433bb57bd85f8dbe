// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/store.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/layer.h"

#include "base/printable.h"
#include "image/read/store_listing.h"
#include "os/host_path.h"
#include "store/contents.h"

namespace cim::store {
namespace {

using std::filesystem::path;

// Measures each layer once, however many images have it.
class Sizes {
 public:
  Sizes(const Contents& contents, const oci::StoreRecords& records) : contents_(contents) {
    const auto listings = new_directory_listings();
    for (const auto& [id, record] : contents.layers) {
      sizes_.emplace(id, size_of_layer(records.layer_directory(record), listings));
    }
  }

  std::uint64_t of(const std::string& id) const {
    const auto found = sizes_.find(id);
    return found == sizes_.end() ? 0 : found->second;
  }

  std::size_t users_of(const std::string& id) const {
    const auto found = contents_.users.find(id);
    return found == contents_.users.end() ? 0 : found->second;
  }

  void put_into(Image& image, const oci::ImageRecord& record) const {
    for (const oci::Digest& chain_id : record.chain) {
      (users_of(chain_id.hex()) > 1 ? image.shared_size : image.own_size) += of(chain_id.hex());
    }
  }

 private:
  const Contents& contents_;
  std::map<std::string, std::uint64_t> sizes_;  // by chain id
};

std::vector<Image> images_of(const Contents& contents, const Sizes& sizes) {
  std::vector<Image> images;
  images.reserve(contents.images.size());
  for (const auto& [id, record] : contents.images) {
    images.push_back(contents.image(record));
    sizes.put_into(images.back(), record);
  }
  const auto key = [](const Image& image) {
    return std::tuple(image.names.empty(),
                      image.names.empty() ? image.digest : image.names.front());
  };
  std::ranges::sort(images, [&key](const Image& a, const Image& b) { return key(a) < key(b); });
  return images;
}

Layer layer_of(const oci::LayerRecord& record, const oci::StoreRecords& records,
               const Sizes& sizes) {
  const path directory = records.layer_directory(record);
  return {.chain_id = record.chain_id.text(),
          .parent = record.parent ? record.parent->text() : std::string(),
          .diff_id = record.diff_id.text(),
          .media_type = record.media_type,
          .digest = record.packed.text(),
          .packed_size = record.packed_size,
          .tar_size = record.plain_size,
          .directory = directory,
          .size = sizes.of(record.chain_id.hex())};
}

std::string text_of(const Bytes& bytes) {
  return std::string(as_text(bytes));
}

}  // namespace

std::vector<Image> images(const path& store) {
  require_store(store);
  const oci::StoreRecords records(store);
  const Contents contents(records);
  return images_of(contents, Sizes(contents, records));
}

Image find(const path& store, std::string_view which) {
  require_store(store);
  const oci::StoreRecords records(store);
  const Contents contents(records);
  const oci::ImageRecord& record = find_image(contents, store, which);
  Image image = contents.image(record);
  Sizes(contents, records).put_into(image, record);
  return image;
}

Details inspect(const path& store, std::string_view which) {
  require_store(store);
  const oci::StoreRecords records(store);
  const Contents contents(records);
  const oci::ImageRecord& record = find_image(contents, store, which);
  Details details{.image = contents.image(record),
                  .layers = {},
                  .manifest_type = record.media_type,
                  .manifest = text_of(records.document(record.manifest)),
                  .configuration = text_of(records.document(record.configuration)),
                  .index_entry = record.index_entry};
  const Sizes sizes(contents, records);
  sizes.put_into(details.image, record);
  for (const oci::Digest& chain_id : record.chain) {
    const auto layer = contents.layers.find(chain_id.hex());
    if (layer == contents.layers.end()) {
      throw Error(ErrorCode::kCorrupt, records.path_of_layer(chain_id).string(),
                  "the record of a layer of the image is missing");
    }
    details.layers.push_back(layer_of(layer->second, records, sizes));
  }
  return details;
}

Usage usage(const path& store) {
  require_store(store);
  const oci::StoreRecords records(store);
  const Contents contents(records);
  const Sizes sizes(contents, records);
  Usage usage{.images = images_of(contents, sizes)};
  for (const auto& [id, record] : contents.layers) {
    const std::size_t users = sizes.users_of(id);
    (users == 0   ? usage.unused_size
     : users == 1 ? usage.own_size
                  : usage.shared_size) += sizes.of(id);
  }
  const path of_images = layer::cim_dir(store / "layer");
  if (!std::filesystem::is_directory(status_of(of_images))) {
    return usage;
  }
  std::set<std::string> recorded;
  for (const auto& [id, record] : contents.layers) {
    recorded.insert(oci::directory_name(record));
  }
  const auto listings = new_directory_listings();
  for (const ImageHeader& image : list_store(of_images)) {
    if (!recorded.contains(image.path.stem().string())) {
      usage.other_size += size_of_layer(store / image.path.stem(), listings);
    }
  }
  return usage;
}

RemoveResult remove(const path& store, std::string_view which, const RemoveOptions& options) {
  require_store(store);
  const oci::StoreRecords records(store);
  const Contents contents(records);
  const oci::ImageRecord& record = find_image(contents, store, which);
  const Image image = contents.image(record);
  const bool is_name = std::ranges::find(image.names, which) != image.names.end();
  if (!is_name && image.names.size() > 1 && !options.all_names) {
    throw Error(ErrorCode::kInvalidArgument, store.string(),
                fmt::format("the image {} has {} names; remove them one by one, or all by force",
                            printable(which), image.names.size()));
  }
  RemoveResult result{.digest = image.digest,
                      .names = is_name ? std::vector{std::string(which)} : image.names};
  std::vector<oci::NameRecord> removed;
  for (const std::string& name : result.names) {
    removed.push_back({.name = name, .manifest = record.manifest});
  }
  if (!is_name && image.is_kept_by_digest) {
    removed.push_back({.name = image.digest, .manifest = record.manifest});
  }
  if (!removed.empty()) {
    records.remove_names(removed, options.lock_timeout);
  }
  result.is_removed =
      result.names.size() == image.names.size() && !(is_name && image.is_kept_by_digest);
  return result;
}

}  // namespace cim::store
