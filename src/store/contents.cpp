// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "store/contents.h"

#include <algorithm>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/layer.h"

#include "base/printable.h"
#include "os/host_path.h"

namespace cim::store {
namespace {

using std::filesystem::path;

constexpr std::size_t kFewestDigits = 4;
constexpr std::size_t kMostDigits = 64;

bool has_directory(const path& directory) {
  return std::filesystem::is_directory(status_of(directory));
}

// Returns the digits of a digest or of the beginning of one; empty for any other text.
std::string_view digits_of(std::string_view which) {
  constexpr std::string_view kPrefix = "sha256:";
  const bool has_prefix = which.starts_with(kPrefix);
  const std::string_view digits = which.substr(has_prefix ? kPrefix.size() : 0);
  const bool is_hex = std::ranges::all_of(
      digits, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return is_hex && digits.size() >= kFewestDigits && digits.size() <= kMostDigits
             ? digits
             : std::string_view();
}

}  // namespace

void require_store(const path& store) {
  if (!has_directory(store / "cim-layers") && !has_directory(store / oci::kImagesDirectory)) {
    throw Error(ErrorCode::kNotFound, store.string(),
                has_directory(store)
                    ? "not a store: it has neither a directory cim-layers nor cim-images"
                    : "no such directory");
  }
}

std::uint64_t size_of_layer(const path& directory,
                            const std::shared_ptr<DirectoryListings>& listings) {
  if (!layer::is_cim_layer(directory)) {
    return 0;
  }
  try {
    return layer::usage(directory, listings).size;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound && !layer::is_cim_layer(directory)) {
      return 0;  // removed by another process in the meantime
    }
    throw;
  }
}

Contents::Contents(const oci::StoreRecords& records) {
  for (oci::NameRecord& record : records.names()) {
    names[record.manifest.hex()].push_back(std::move(record.name));
  }
  for (oci::ImageRecord& record : records.images()) {
    for (const oci::Digest& chain_id : record.chain) {
      ++users[chain_id.hex()];
    }
    const std::string id = record.manifest.hex();
    images.emplace(id, std::move(record));
  }
  for (oci::LayerRecord& record : records.layers()) {
    const std::string id = record.chain_id.hex();
    layers.emplace(id, std::move(record));
  }
  for (auto& [id, all] : names) {
    std::ranges::sort(all);
  }
}

// The digest as a name is not shown as one.
Image Contents::image(const oci::ImageRecord& record) const {
  Image image{
      .digest = record.manifest.text(), .names = {}, .platform = record.platform, .layers = {}};
  if (const auto found = names.find(record.manifest.hex()); found != names.end()) {
    image.names = found->second;
    image.is_kept_by_digest = std::erase(image.names, image.digest) != 0;
  }
  image.layers.reserve(record.chain.size());
  for (const oci::Digest& chain_id : record.chain) {
    image.layers.push_back(chain_id.text());
  }
  return image;
}

const oci::ImageRecord& find_image(const Contents& contents, const path& store,
                                   std::string_view which) {
  for (const auto& [id, names] : contents.names) {
    const auto image = contents.images.find(id);
    if (image != contents.images.end() && std::ranges::binary_search(names, which)) {
      return image->second;
    }
  }
  const std::string_view digits = digits_of(which);
  const auto first = contents.images.lower_bound(std::string(digits));
  if (digits.empty() || first == contents.images.end() || !first->first.starts_with(digits)) {
    throw Error(ErrorCode::kNotFound, store.string(),
                fmt::format("the store has no image {}", printable(which)));
  }
  if (const auto next = std::next(first);
      next != contents.images.end() && next->first.starts_with(digits)) {
    throw Error(ErrorCode::kInvalidArgument, store.string(),
                fmt::format("several images have digests that begin with {}", digits));
  }
  return first->second;
}

}  // namespace cim::store
