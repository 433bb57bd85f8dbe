// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Layers come first, since the documents name their digests. A tar that is made again counts only
// if its digest is the recorded one: neither the record nor the image vouches for the other.
#include "cimlib/store_export.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/layer.h"
#include "cimlib/store.h"

#include "async/file_appender.h"
#include "async/write_behind.h"
#include "base/printable.h"
#include "layer/tar_record.h"
#include "oci/layout_writer.h"
#include "oci/remote/registry_writer.h"
#include "os/crypto.h"
#include "os/directory_lock.h"
#include "os/host_path.h"
#include "store/artifact_export.h"
#include "store/contents.h"
#include "tar/compression.h"

namespace cim::store {
namespace {

using std::filesystem::path;
using Json = nlohmann::ordered_json;  // adapted documents keep the order of members

constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kConfigType = "application/vnd.oci.image.config.v1+json";
constexpr const char* kNameAnnotation = "org.opencontainers.image.ref.name";

/// Writes the blob of a layer and computes the digests of it and of its tar.
class BlobWriter {
 public:
  BlobWriter(const path& staging, layer::Compression compression)
      : blob_(staging),
        appender_(blob_.file(), write_behind_),
        output_([this](const SharedBytes& bytes) {
          hash_.update(bytes.bytes);
          size_ += bytes.bytes.size();
          appender_.append(bytes);
        }) {
    if (compression == layer::Compression::kGzip) {
      packed_ = tar::make_gzip_sink(output_);
    } else if (compression == layer::Compression::kZstd) {
      packed_ = tar::make_zstd_sink(output_);
    }
  }

  void write(ByteView bytes) {
    tar_hash_.update(bytes);
    tar_size_ += bytes.size();
    (packed_ ? static_cast<tar::Sink&>(*packed_) : output_).write({bytes, nullptr});
  }

  std::uint64_t tar_size() const noexcept { return tar_size_; }

  ExportedLayer finish() {
    if (packed_) {
      packed_->finish();
    }
    appender_.finish();
    return {.diff_id = oci::Digest(tar_hash_.finish()).text(),
            .digest = oci::Digest(hash_.finish()).text(),
            .tar_size = tar_size_,
            .size = size_};
  }

  oci::StagedBlob take() { return std::move(blob_); }

 private:
  oci::StagedBlob blob_;
  WriteBehind write_behind_;
  FileAppender appender_;
  Sha256 tar_hash_;
  Sha256 hash_;
  std::uint64_t tar_size_ = 0;
  std::uint64_t size_ = 0;
  tar::CallingSink output_;
  std::unique_ptr<tar::Sink> packed_;
};

std::string_view suffix_of(layer::Compression compression) {
  return compression == layer::Compression::kGzip   ? "+gzip"
         : compression == layer::Compression::kZstd ? "+zstd"
                                                    : "";
}

// A name that `docker load` takes: HOST/PATH:TAG in lower case but for the tag.
bool is_docker_name(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  const auto is_part = [](std::string_view text, std::string_view others, bool upper) {
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (upper && c >= 'A' && c <= 'Z') ||
             others.find(c) != others.npos;
    });
  };
  return colon != name.npos && is_part(name.substr(0, colon), "._-/:", false) &&
         is_part(name.substr(colon + 1), "._-", true);
}

// Makes the writer of an export, which locks the store and has found the image by then.
using MakeWriter = std::function<std::unique_ptr<oci::LayoutWriter>()>;

class Export {
 public:
  Export(const path& store, std::string_view which, const ExportTarget& target,
         const ExportOptions& options, const MakeWriter& make_writer)
      : options_(options),
        form_(target.form),
        records_(store),
        lock_(records_.directory(), {options.lock_timeout.time, options.stop}, LockMode::kShared),
        details_(inspect(store, which)) {
    if (form_ == oci::ImageForm::kDockerArchive &&
        options.compression != layer::Compression::kNone) {
      throw Error(ErrorCode::kUnsupported, target.path.string(),
                  "the layers of such an archive cannot be compressed");
    }
    if (form_ == oci::ImageForm::kDockerArchive && options.forms != LayerForms::kTars) {
      throw Error(ErrorCode::kUnsupported, target.path.string(),
                  "such an archive cannot have layers as images; use a layout (oci: or "
                  "oci-archive:)");
    }
    const auto& names = details_.image.names;
    result_.name = !options.name.empty()                            ? options.name
                   : std::ranges::find(names, which) != names.end() ? std::string(which)
                                                                    : std::string();
    if (!result_.name.empty() && !oci::is_image_name(result_.name)) {
      throw Error(ErrorCode::kInvalidArgument, printable(result_.name),
                  "cannot be the name of an image");
    }
    if (form_ == oci::ImageForm::kDockerArchive) {
      check_docker_name();
    }
    writer_ = make_writer();
  }

  ExportResult run() {
    for (std::size_t i = 0; has_tars() && i < details_.layers.size(); ++i) {
      begin(i);
      result_.layers.push_back(export_layer(details_.layers[i]));
    }
    oci::ImageDocuments documents = make_documents();
    result_.manifest = documents.index_entry["digest"];
    if (options_.forms != LayerForms::kTars) {
      documents.more_entries.push_back(add_artifacts(documents));
    }
    writer_->finish(documents);
    return std::move(result_);
  }

 private:
  bool has_tars() const noexcept { return options_.forms != LayerForms::kImages; }

  void begin(std::size_t layer) const {
    if (options_.step) {
      options_.step(layer);
    }
  }

  nlohmann::json add_artifacts(const oci::ImageDocuments& documents) {
    const oci::Descriptor subject{.media_type = documents.index_entry["mediaType"],
                                  .digest = oci::Digest::parse(result_.manifest).value(),
                                  .size = documents.manifest.size()};
    ArtifactWriter artifacts(
        *writer_, subject,
        options_.compresses_images ? oci::FrameForm::kZstd : oci::FrameForm::kPlain,
        options_.progress, options_.stop);
    for (std::size_t i = 0; i < details_.layers.size(); ++i) {
      begin(i);
      const auto chain_id = oci::Digest::parse(details_.layers[i].chain_id).value();
      const auto record = records_.layer(chain_id);
      if (!record) {
        throw Error(ErrorCode::kCorrupt, records_.path_of_layer(chain_id).string(), "is missing");
      }
      artifacts.add(artifact_record(*record, i), details_.layers[i].directory,
                    records_.path_of_tar_record(chain_id));
    }
    return artifacts.finish();
  }

  // A layer that became another tar has other ids in the exported image than in the store.
  oci::LayerRecord artifact_record(oci::LayerRecord record, std::size_t i) {
    if (has_tars()) {
      record.diff_id = oci::Digest::parse(result_.layers[i].diff_id).value();
      exported_chain_ =
          exported_chain_ ? oci::chain_id_on(*exported_chain_, record.diff_id) : record.diff_id;
      record.chain_id = *exported_chain_;
    }
    return record;
  }

  // Other programs reject an archive with a name that they do not understand.
  void check_docker_name() {
    if (result_.name.empty() || is_docker_name(result_.name)) {
      return;
    }
    if (is_docker_name(result_.name + ":latest")) {
      result_.name += ":latest";
      return;
    }
    warn(fmt::format("{}: not a name for docker load (NAME:TAG), so the archive has none",
                     printable(result_.name)));
    result_.name.clear();
  }

  void warn(const std::string& text) const {
    if (options_.warning) {
      options_.warning(text);
    }
  }

  ExportedLayer export_layer(const Layer& layer) {
    if (const path record = records_.path_of_tar_record(oci::Digest::parse(layer.chain_id).value());
        std::filesystem::exists(status_of(record))) {
      if (auto exported = remake(layer, record)) {
        return *std::move(exported);
      }
      warn(fmt::format("{}: does not give the tar that was imported", record.string()));
    }
    BlobWriter blob(writer_->staging(), options_.compression);
    layer::ExportOptions how;
    how.warning = options_.warning;
    how.stop = options_.stop;
    const auto parent = std::ranges::find(details_.layers, layer.parent, &Layer::chain_id);
    if (parent != details_.layers.end()) {
      how.parents = {parent->directory};
    }
    layer::export_tar(
        layer.directory, [&](ByteView bytes) { put(blob, bytes, layer); }, how);
    return add(blob, layer);
  }

  // Returns nullopt if the result is another tar.
  std::optional<ExportedLayer> remake(const Layer& layer, const path& record) {
    BlobWriter blob(writer_->staging(), options_.compression);
    try {
      layer::remake_tar(
          record, layer::cim_path(layer.directory),
          [&](ByteView bytes) { put(blob, bytes, layer); }, options_.stop);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kCorrupt && error.code() != ErrorCode::kNotFound &&
          error.code() != ErrorCode::kLimit && error.code() != ErrorCode::kInvalidArgument) {
        throw;
      }
      warn(error.what());
      return std::nullopt;
    }
    ExportedLayer exported = add(blob, layer, true);
    return exported.keeps_diff_id ? std::optional(std::move(exported)) : std::nullopt;
  }

  void put(BlobWriter& blob, ByteView bytes, const Layer& layer) const {
    blob.write(bytes);
    if (options_.progress) {
      options_.progress(
          {.bytes_done = blob.tar_size(), .bytes_total = layer.tar_size, .current = {}});
    }
  }

  ExportedLayer add(BlobWriter& blob, const Layer& layer, bool must_be_kept = false) {
    ExportedLayer exported = blob.finish();
    exported.keeps_diff_id = exported.diff_id == layer.diff_id;
    if (exported.keeps_diff_id || !must_be_kept) {
      writer_->add_blob(oci::Digest::parse(exported.digest).value(), blob.take());
    }
    return exported;
  }

  oci::ImageDocuments make_documents() {
    oci::ImageDocuments documents;
    documents.configuration = make_configuration();
    documents.manifest = make_manifest(documents.configuration);
    documents.name = result_.name;
    documents.index_entry = make_index_entry(documents.manifest);
    for (const ExportedLayer& layer : result_.layers) {
      documents.layers.push_back(oci::Digest::parse(layer.digest).value());
    }
    return documents;
  }

  std::string make_configuration() {
    result_.keeps_configuration =
        std::ranges::all_of(result_.layers, [](const auto& layer) { return layer.keeps_diff_id; });
    std::string text = details_.configuration;
    if (!result_.keeps_configuration) {
      Json document = Json::parse(details_.configuration);
      Json diff_ids = Json::array();
      for (const ExportedLayer& layer : result_.layers) {
        diff_ids.push_back(layer.diff_id);
      }
      document["rootfs"]["diff_ids"] = std::move(diff_ids);
      text = document.dump();
    }
    result_.configuration = digest_of(text);
    return text;
  }

  // The original is kept if it names these blobs, which are plain tars by default.
  std::string make_manifest(const std::string& configuration) {
    const bool has_same_layers = std::ranges::equal(result_.layers, details_.layers, {},
                                                    &ExportedLayer::digest, &Layer::digest);
    result_.keeps_manifest = !has_tars() || (result_.keeps_configuration && has_same_layers &&
                                             details_.manifest_type == kManifestType);
    if (result_.keeps_manifest) {
      return details_.manifest;
    }
    Json layers = Json::array();
    for (std::size_t i = 0; i < result_.layers.size(); ++i) {
      const ExportedLayer& layer = result_.layers[i];
      layers.push_back({{"mediaType", layer_type(details_.layers[i])},
                        {"digest", layer.digest},
                        {"size", layer.size}});
    }
    Json manifest = {{"schemaVersion", 2},
                     {"mediaType", kManifestType},
                     {"config",
                      {{"mediaType", kConfigType},
                       {"digest", result_.configuration},
                       {"size", configuration.size()}}},
                     {"layers", std::move(layers)}};
    const Json original = Json::parse(details_.manifest);
    if (const auto found = original.find("annotations"); found != original.end()) {
      manifest["annotations"] = *found;
    }
    return manifest.dump();
  }

  std::string layer_type(const Layer& layer) const {
    return fmt::format("application/vnd.oci.image.layer.{}v1.tar{}",
                       oci::is_nondistributable(layer.media_type) ? "nondistributable." : "",
                       suffix_of(options_.compression));
  }

  nlohmann::json make_index_entry(const std::string& manifest) const {
    nlohmann::json entry = nlohmann::json::object();
    if (!details_.index_entry.empty()) {
      entry = nlohmann::json::parse(details_.index_entry);
      entry.erase("data");  // may be the manifest itself
      entry.erase("urls");
    }
    const oci::Platform& platform = details_.image.platform;
    entry["mediaType"] = result_.keeps_manifest ? details_.manifest_type : kManifestType;
    entry["digest"] = digest_of(manifest);
    entry["size"] = manifest.size();
    entry["platform"]["os"] = platform.os;
    entry["platform"]["architecture"] = platform.architecture;
    if (!platform.os_version.empty()) {
      entry["platform"]["os.version"] = platform.os_version;
    }
    if (result_.name.empty()) {
      if (entry.contains("annotations")) {
        entry["annotations"].erase(kNameAnnotation);
      }
    } else {
      entry["annotations"][kNameAnnotation] = result_.name;
    }
    return entry;
  }

  static std::string digest_of(const std::string& document) {
    return oci::Digest(Sha256::of(as_bytes(document))).text();
  }

  const ExportOptions& options_;
  oci::ImageForm form_;
  oci::StoreRecords records_;
  DirectoryLock lock_;  // garbage collection would remove layers
  Details details_;
  std::unique_ptr<oci::LayoutWriter> writer_;
  ExportResult result_;
  std::optional<oci::Digest> exported_chain_;  // of the last layer
};

ExportResult export_with(const path& store, std::string_view image, const ExportTarget& target,
                         const ExportOptions& options, const MakeWriter& make_writer) {
  require_store(store);
  (void)find(store, image);  // a store without records has no lock to take
  try {
    return Export(store, image, target, options, make_writer).run();
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kCorrupt, store.string(),
                fmt::format("a document of the image has an unexpected form: {}", error.what()));
  }
}

}  // namespace

ExportResult export_image(const path& store, std::string_view image, const ExportTarget& target,
                          const ExportOptions& options) {
  return export_with(store, image, target, options, [&] {
    return oci::LayoutWriter::create(target.form, target.path, target.stream,
                                     options.replaces_existing);
  });
}

PushResult push_image(const path& store, std::string_view image, const oci::Reference& reference,
                      const ExportOptions& export_options, const oci::PushOptions& push_options,
                      const oci::RemoteOptions& remote) {
  PushResult result;
  const path staging = oci::StoreRecords(store).directory();
  result.image = export_with(store, image, {}, export_options, [&] {
    return oci::make_registry_writer(reference, staging, push_options, remote, result.pushed);
  });
  return result;
}

}  // namespace cim::store
