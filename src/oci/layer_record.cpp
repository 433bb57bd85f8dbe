// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/layer_record.h"

#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/gc.h"

#include "layer/sidecar_paths.h"
#include "layer/sidecar_staging.h"
#include "oci/documents.h"
#include "os/file.h"
#include "os/path_status.h"

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

}  // namespace

void write_record(const std::filesystem::path& layer, const LayerDescription& description) {
  layer::add_to_layer(layer, layer::kOciRecordFile, as_bytes(record_of(description).dump() + "\n"));
}

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

}  // namespace cim::oci
