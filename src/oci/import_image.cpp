// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Imports the layers of an image from the base up. Layers that the store has already, recorded
// under the same chain id, are reused; a layer that is imported gets its record last, so that an
// interrupted import is noticed and completed by the next one.
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/gc.h"
#include "cimlib/oci.h"

#include "base/printable.h"
#include "layer/sidecar_paths.h"
#include "layer/sidecar_staging.h"
#include "layer/tar_record.h"
#include "oci/artifact_import.h"
#include "oci/documents.h"
#include "oci/layout.h"
#include "oci/records.h"
#include "oci/store_use.h"
#include "os/file.h"
#include "os/host_path.h"

namespace cim::oci {
namespace {

constexpr std::uint64_t kLargestRecord = 4096;
// A descriptor has some hundred bytes, with many annotations some thousand.
constexpr std::size_t kLargestIndexEntry = std::size_t{64} << 10;

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

// Returns whether the layer is in the store and complete. Only its record may be missing, as after
// a killed import. Throws kCorrupt if the record is that of another layer, or the image lacks
// files.
bool find_layer(const std::filesystem::path& layer, const LayerDescription& description) {
  if (!layer::is_cim_layer(layer)) {
    return false;
  }
  check_files(layer);
  const auto path = layer / layer::kOciRecordFile;
  if (!std::filesystem::exists(status_of(path))) {
    return true;
  }
  const auto record = parse_json(read_whole_file(path, kLargestRecord), path.string());
  if (record != record_of(description)) {
    throw Error(ErrorCode::kCorrupt, path.string(), "the record belongs to another layer");
  }
  return true;
}

// Returns the size of a tar from its record, for a layer whose import was killed after writing
// that; nullopt without a valid one.
std::optional<std::uint64_t> recorded_tar_size(const std::filesystem::path& record) {
  std::uint64_t size = 0;
  try {
    layer::read_tar_record(record, {.bytes = [&size](ByteView bytes) { size += bytes.size(); },
                                    .content = [&size](std::uint64_t bytes, const std::string&,
                                                       const std::string&) { size += bytes; }});
  } catch (const Error&) {  // an export needs the record, and reports what is wrong with it
    return std::nullopt;
  }
  return size;
}

// Returns the record of a layer; nullopt if it is missing or damaged, in which case an import
// replaces it or fails when it needs it.
std::optional<LayerRecord> known_record(const StoreRecords& records, const Digest& chain_id) {
  try {
    return records.layer(chain_id);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// One import of one image. Layers are numbered from the base up.
class ImageImport {
 public:
  ImageImport(const ImageSource& source, const std::filesystem::path& store,
              const ImportOptions& options)
      : options_(options),
        use_(store, {options.layer.writer.lock_timeout.time, options.layer.stop}),
        layout_(Layout::open(
            source, [this] { return spool(); }, options)),
        source_(*layout_),
        image_(choose_image(source_, options.choice)) {
    name_directories();
  }

  ImageImport(const DocumentSource& source, const std::filesystem::path& store,
              const ImportOptions& options)
      : options_(options),
        use_(store, {options.layer.writer.lock_timeout.time, options.layer.stop}),
        source_(source),
        image_(choose_image(source_, options.choice)) {
    name_directories();
  }

  ImportResult run() {
    const std::size_t count = directories_.size();
    const std::size_t first = count_images();
    check_names();
    const bool used_artifacts = choose_artifacts(first == count ? count : 0);
    check_presence(first, used_artifacts ? first : count);
    use_.begin();
    // Until then, layers may have been removed, or made by another import.
    const std::size_t present = count_present();
    const bool uses_artifacts = choose_artifacts(present);
    check_presence(std::min(present, first), used_artifacts && !uses_artifacts ? count : first);
    ImportResult result{.image = image_.description, .layers = {}, .names = names_};
    for (std::size_t i = 0; i < count; ++i) {
      result.layers.push_back(i < present ? reuse(i) : import(i));
    }
    record_image();
    use_.dismiss();
    return result;
  }

 private:
  // A layer that was committed in the store has a directory of another name.
  void name_directories() {
    for (std::size_t i = 0; i < image_.layers.size(); ++i) {
      LayerRecord record = record_of_layer(i);
      const auto known = known_record(use_.records(), record.chain_id);
      if (known && layer::is_cim_layer(use_.records().layer_directory(*known))) {
        record.directory = known->directory;
      }
      names_of_directories_.push_back(record.directory);
      directories_.push_back(use_.records().layer_directory(record));
    }
  }

  const LayerDescription& layer(std::size_t i) const { return image_.description.layers[i]; }

  std::filesystem::path spool() {
    use_.begin();
    return use_.records().directory();
  }

  // Names come from an untrusted source, unless the caller gave one.
  void check_names() {
    if (!options_.name.empty()) {
      if (!is_image_name(options_.name)) {
        throw Error(ErrorCode::kInvalidArgument, printable(options_.name),
                    "cannot be the name of an image");
      }
      names_ = {options_.name};
      return;
    }
    for (const std::string& name : image_.names) {
      if (is_image_name(name)) {
        names_.push_back(name);
      } else if (options_.layer.warning) {
        options_.layer.warning(printable(name) + ": cannot be the name of an image; ignored");
      }
    }
    if (names_.empty()) {
      names_ = {image_.description.manifest};
    }
  }

  // An estimate while others may remove layers.
  std::size_t count_images() const {
    const auto missing = std::ranges::find_if_not(directories_, layer::is_cim_layer);
    return static_cast<std::size_t>(missing - directories_.begin());
  }

  // A layer needs all layers below it, so a present layer above a missing one does not count;
  // import() deals with it in its turn.
  std::size_t count_present() const {
    std::size_t present = 0;
    while (present < directories_.size() && find_layer(directories_[present], layer(present))) {
      ++present;
    }
    return present;
  }

  // Returns whether layers are taken from artifacts. That needs all of them: an image is based on
  // the files of the layers below, and one that was made from a tar has other files.
  bool choose_artifacts(std::size_t present) {
    if (!options_.prefers_artifacts || present == directories_.size()) {
      return false;
    }
    if (!artifacts_) {
      artifacts_ = find_artifact_chain(source_, image_);
    }
    std::string& obstacle = artifacts_->obstacle;
    for (std::size_t i = 0; i < present && obstacle.empty(); ++i) {
      if (!is_from_artifact(layer::cim_path(directories_[i]), artifacts_->layers[i])) {
        obstacle = fmt::format("layer {} in the store was made from its tar", i + 1);
      }
    }
    if (!obstacle.empty() && !artifacts_->layers.empty()) {
      artifacts_->layers.clear();
    }
    if (!obstacle.empty() && !std::exchange(said_obstacle_, true) && options_.layer.warning) {
      options_.layer.warning(fmt::format("{}: {}; the tars of the layers are used",
                                         source_.subject_of(image_.manifest.digest), obstacle));
    }
    return obstacle.empty();
  }

  // Nothing is imported of an image that is known to be incomplete.
  void check_presence(std::size_t first, std::size_t end) const {
    for (std::size_t i = first; i < end; ++i) {
      source_.check_presence(image_.layers[i]);
    }
  }

  ImportedLayer reuse(std::size_t i) const {
    announce(LayerStep::kReuse, i);
    if (!std::filesystem::exists(status_of(directories_[i] / layer::kOciRecordFile))) {
      write_record(i);
    }
    LayerRecord record = record_of_layer(i);
    const auto known = use_.records().layer(record.chain_id);
    if (!known || !known->plain_size) {
      record = known.value_or(record);
      record.plain_size = recorded_tar_size(use_.records().path_of_tar_record(record.chain_id));
      use_.records().put(record);
    }
    return {.directory = directories_[i], .result = std::nullopt};
  }

  // Records the ids of a layer in the file oci-layer.json of its directory.
  void write_record(std::size_t i) const {
    layer::add_to_layer(directories_[i], layer::kOciRecordFile,
                        as_bytes(record_of(layer(i)).dump() + "\n"), use_.lock_timeout());
  }

  ImportedLayer import(std::size_t i) {
    announce(LayerStep::kImport, i);
    LayerRecord record = record_of_layer(i);
    use_.records().put(record);
    const bool uses_artifacts = artifacts_ && artifacts_->obstacle.empty();
    if (!uses_artifacts && i + 1 < image_.layers.size()) {
      source_.start_reading(image_.layers[i + 1]);
    }
    const std::vector<layer::LayerPaths> parents(
        directories_.rend() - static_cast<std::ptrdiff_t>(i), directories_.rend());
    try {
      if (uses_artifacts) {
        return import_from_artifact(i, record);
      }
      auto result = layer::import_tar(source_.blob(image_.layers[i]), directories_[i], parents,
                                      options_for(i));
      left_.size -= result.unpacked_size;
      left_.entries -= result.entries;
      write_record(i);
      record.plain_size = result.tar_size;
      use_.records().put(record);
      return {.directory = directories_[i], .result = std::move(result)};
    } catch (const Error& error) {
      // Another process imported the same layer first.
      if (error.code() == ErrorCode::kExists && find_layer(directories_[i], layer(i))) {
        return reuse(i);
      }
      forget(record);
      explain(error, i);
      throw;
    }
  }

  // Reports a blob that was modified as such, not as what its bytes look like.
  void explain(const Error& error, std::size_t i) const {
    switch (error.code()) {
      case ErrorCode::kCorrupt:
      case ErrorCode::kLimit:
      case ErrorCode::kUnsupported:
        return source_.explain_damage(image_.layers[i], options_.layer.stop);
      default:
        return;
    }
  }

  ImportedLayer import_from_artifact(std::size_t i, LayerRecord& record) {
    const Artifact& artifact = artifacts_->layers[i];
    ArtifactImport how{
        .layer = directories_[i],
        .size_limit = left_.size,
        .lock_timeout = {options_.layer.writer.lock_timeout.time, options_.layer.stop},
        .progress = options_.layer.progress};
    if (i > 0) {
      how.parent = layer::cim_path(directories_[i - 1]);
    }
    if (i + 1 < artifacts_->layers.size()) {
      how.next = &artifacts_->layers[i + 1];
    }
    if (options_.keeps_tars) {
      how.tar_record = use_.records().path_of_tar_record(record.chain_id);
    }
    record.plain_size = import_artifact(source_, artifact, how);
    const std::uint64_t size = plain_size_of(artifact);
    left_.size -= size;
    write_record(i);
    use_.records().put(record);
    return {.directory = directories_[i], .result = std::nullopt, .artifact_size = size};
  }

  // Removes the record of a layer that was not imported. Another import that is making it now will
  // write it again.
  void forget(const LayerRecord& record) const noexcept {
    try {
      if (!layer::is_cim_layer(use_.records().layer_directory(record))) {
        remove_file(use_.records().path_of_layer(record.chain_id));
        remove_file(use_.records().path_of_tar_record(record.chain_id));
      }
    } catch (const Error&) {  // garbage collection removes it
    }
  }

  LayerRecord record_of_layer(std::size_t i) const {
    const auto digest = [](const std::string& text) { return Digest::parse(text).value(); };
    return {
        .chain_id = digest(layer(i).chain_id),
        .parent = i == 0 ? std::nullopt : Digest::parse(layer(i - 1).chain_id),
        .diff_id = digest(layer(i).diff_id),
        .media_type = layer(i).media_type,
        .packed = digest(layer(i).digest),
        .packed_size = layer(i).size,
        .directory = i < names_of_directories_.size() ? names_of_directories_[i] : std::string()};
  }

  // The names come last: whatever has a name is complete.
  void record_image() const {
    const StoreRecords& records = use_.records();
    records.put_document(image_.config.digest, image_.config_bytes);
    records.put_document(image_.manifest.digest, image_.manifest_bytes);
    ImageRecord record{.manifest = image_.manifest.digest,
                       .media_type = image_.manifest.media_type,
                       .configuration = image_.config.digest,
                       .platform = image_.description.platform,
                       .chain = {}};
    if (image_.manifest.text.size() <= kLargestIndexEntry) {
      record.index_entry = image_.manifest.text;
    }
    for (std::size_t i = 0; i < directories_.size(); ++i) {
      record.chain.push_back(record_of_layer(i).chain_id);
    }
    records.put(record);
    for (const std::string& name : names_) {
      records.put(NameRecord{.name = name, .manifest = record.manifest}, use_.lock_timeout());
    }
    const NameRecord digest{.name = record.manifest.text(), .manifest = record.manifest};
    if (names_.front() != digest.name && records.name(digest.name)) {
      records.remove_names({digest}, use_.lock_timeout());  // a name replaces it
    }
  }

  // The limits hold for the image as a whole, so each layer gets what the ones before left. The
  // GUID of a reproducible import is derived for each layer.
  layer::ImportOptions options_for(std::size_t i) const {
    layer::ImportOptions options = options_.layer;
    options.diff_id = layer(i).diff_id;
    if (!source_.verifies(image_.layers[i])) {
      options.blob_digest = layer(i).digest;
    }
    options.limits = left_;
    if (options_.keeps_tars) {
      options.tar_record =
          use_.records().path_of_tar_record(Digest::parse(layer(i).chain_id).value());
    }
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

  const ImportOptions& options_;
  StoreUse use_;
  std::optional<Layout> layout_;  // unless the caller has the source
  const DocumentSource& source_;
  layer::ImportLimits left_ = options_.layer.limits;  // for the remaining layers
  ChosenImage image_;
  std::optional<ArtifactChain> artifacts_;  // once they were looked for
  bool said_obstacle_ = false;
  std::vector<std::string> names_;                  // in the store
  std::vector<std::filesystem::path> directories_;  // of the layers, the base first
  std::vector<std::string> names_of_directories_;   // as recorded; empty for the usual ones
};

}  // namespace

ImportResult import_from(const DocumentSource& source, const std::filesystem::path& store,
                         const ImportOptions& options) {
  return ImageImport(source, store, options).run();
}

ImportResult import_image(const ImageSource& source, const std::filesystem::path& store,
                          const ImportOptions& options) {
  return ImageImport(source, store, options).run();
}

}  // namespace cim::oci
