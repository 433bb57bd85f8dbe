// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Imports the layers of an image from the base up. Layers that the store has already, recorded
// under the same chain id, are reused; a layer that is imported gets its record last, so that an
// interrupted import is noticed and completed by the next one.
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/gc.h"
#include "cimlib/oci.h"

#include "layer/sidecar_paths.h"
#include "layer/sidecar_staging.h"
#include "oci/documents.h"
#include "oci/layout.h"
#include "os/file.h"
#include "os/host_path.h"

namespace cim::oci {
namespace {

constexpr std::uint64_t kLargestRecord = 4096;

// The blob is not recorded: other images have the same layer in other compressions.
nlohmann::json record_of(const LayerDescription& description) {
  return {{"diffId", description.diff_id}, {"chainId", description.chain_id}};
}

// A layer is left without its parents only if they were removed by force; it is unusable then.
void check_files(const std::filesystem::path& layer) {
  for (const ImageFile& file : image_files(layer::cim_path(layer))) {
    if (!file.size && file.kind != ImageFileKind::kObjectIds) {
      throw Error(ErrorCode::kCorrupt, file.path.string(),
                  "the store does not have this file, which a layer of the image needs");
    }
  }
}

// Records the ids of a layer that came from an image, in the file oci-layer.json of its directory.
void write_record(const std::filesystem::path& layer, const LayerDescription& description) {
  layer::add_to_layer(layer, layer::kOciRecordFile, as_bytes(record_of(description).dump() + "\n"));
}

// Returns whether the layer is in the store, complete and with its record. If only the record is
// missing, as after a killed import, it is written. Throws kCorrupt if the record is that of
// another layer, or the image lacks files.
bool find_layer(const std::filesystem::path& layer, const LayerDescription& description) {
  if (!layer::is_cim_layer(layer)) {
    return false;
  }
  check_files(layer);
  const auto path = layer / layer::kOciRecordFile;
  if (!std::filesystem::exists(status_of(path))) {
    write_record(layer, description);
    return true;
  }
  const auto record = parse_json(read_whole_file(path, kLargestRecord), path.string());
  if (record != record_of(description)) {
    throw Error(ErrorCode::kCorrupt, path.string(), "the record belongs to another layer");
  }
  return true;
}

// The hexadecimal digits of the chain id.
std::string directory_name(const LayerDescription& layer) {
  return layer.chain_id.substr(layer.chain_id.find(':') + 1);
}

// One import of one image. Layers are numbered from the base up.
class ImageImport {
 public:
  ImageImport(const DocumentSource& source, const std::filesystem::path& store,
              const ImportOptions& options)
      : source_(source), options_(options), image_(choose_image(source, options.choice)) {
    for (const LayerDescription& layer : image_.description.layers) {
      directories_.push_back(store / directory_name(layer));
    }
  }

  ImportResult run() {
    const std::size_t count = directories_.size();
    const std::size_t present = count_present();
    verify_from(present);
    ImportResult result{.image = image_.description, .layers = {}};
    for (std::size_t i = 0; i < count; ++i) {
      result.layers.push_back(i < present ? reuse(i) : import(i));
    }
    return result;
  }

 private:
  const LayerDescription& layer(std::size_t i) const { return image_.description.layers[i]; }

  // A layer needs all layers below it, so a present layer above a missing one does not count;
  // import() deals with it in its turn.
  std::size_t count_present() const {
    std::size_t present = 0;
    while (present < directories_.size() && find_layer(directories_[present], layer(present))) {
      ++present;
    }
    return present;
  }

  // Verifies all blobs before any is imported, so that unverified bytes are never interpreted,
  // except where that would mean to download them twice.
  void verify_from(std::size_t first) const {
    for (std::size_t i = first; i < directories_.size(); ++i) {
      source_.check_presence(image_.layers[i]);
    }
    for (std::size_t i = first; i < directories_.size() && !source_.verifies_while_reading(); ++i) {
      announce(LayerStep::kVerify, i);
      source_.verify(image_.layers[i], options_.layer.progress, options_.layer.stop);
    }
  }

  ImportedLayer reuse(std::size_t i) const {
    announce(LayerStep::kReuse, i);
    return {.directory = directories_[i], .result = std::nullopt};
  }

  ImportedLayer import(std::size_t i) {
    announce(LayerStep::kImport, i);
    const std::vector<layer::LayerPaths> parents(
        directories_.rend() - static_cast<std::ptrdiff_t>(i), directories_.rend());
    try {
      auto result = layer::import_tar(source_.blob(image_.layers[i]), directories_[i], parents,
                                      options_for(i));
      left_.size -= result.unpacked_size;
      left_.entries -= result.entries;
      write_record(directories_[i], layer(i));
      return {.directory = directories_[i], .result = std::move(result)};
    } catch (const Error& error) {
      // Another process imported the same layer first.
      if (error.code() == ErrorCode::kExists && find_layer(directories_[i], layer(i))) {
        return reuse(i);
      }
      throw;
    }
  }

  // The limits hold for the image as a whole, so each layer gets what the ones before left. The
  // GUID of a reproducible import is derived for each layer.
  layer::ImportOptions options_for(std::size_t i) const {
    layer::ImportOptions options = options_.layer;
    options.diff_id = layer(i).diff_id;
    options.limits = left_;
    if (options.writer.region_set) {
      options.writer.region_set = Guid::named(*options.writer.region_set, layer(i).chain_id);
    }
    return options;
  }

  void announce(LayerStep step, std::size_t i) const {
    if (options_.step) {
      options_.step(step, layer(i), i);
    }
  }

  const DocumentSource& source_;
  const ImportOptions& options_;
  layer::ImportLimits left_ = options_.layer.limits;  // for the remaining layers
  ChosenImage image_;
  std::vector<std::filesystem::path> directories_;  // of the layers, the base first
};

}  // namespace

ImportResult import_from(const DocumentSource& source, const std::filesystem::path& store,
                         const ImportOptions& options) {
  return ImageImport(source, store, options).run();
}

ImportResult import_image(const std::filesystem::path& layout, const std::filesystem::path& store,
                          const ImportOptions& options) {
  return import_from(Layout(layout), store, options);
}

}  // namespace cim::oci
