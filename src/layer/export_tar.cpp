// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/layer_export.h"
#include "cimlib/wtf8.h"

#include "base/upcase.h"
#include "image/read/store_listing.h"
#include "layer/entry_writer.h"
#include "layer/existing_layers.h"
#include "layer/export_plan.h"
#include "layer/layer_marker.h"
#include "layer/parent_image.h"
#include "layer/sidecar_paths.h"
#include "layer/tar_output.h"
#include "os/crypto.h"
#include "os/host_path.h"
#include "tar/sink.h"
#include "tar/windows_writer.h"

namespace cim::layer {
namespace {

using std::filesystem::path;

std::shared_ptr<const ImageReader> open_image(const LayerPaths& layer) {
  if (!has_image(layer)) {
    throw Error(ErrorCode::kNotFound, layer.layer.string(),
                fmt::format("not a layer: {} does not exist", layer.image_path().string()));
  }
  auto image = std::make_shared<const ImageReader>(layer.image_path());
  image->files().require_all();
  return image;
}

// Returns the image to compare with; nullopt if the layer is exported completely, because it is
// flattened or a base layer, whose image has no region set but its own.
std::optional<path> parent_of(const ImageReader& image, const ExportOptions& options) {
  if (options.content == ExportContent::kFlattened) {
    return std::nullopt;
  }
  if (!options.parents.empty()) {
    return options.parents.front().image_path();
  }
  if (image.region_sets().size() == 1) {
    return std::nullopt;
  }
  auto found = find_parent_image(directory_of(image.path()), image.region_sets());
  if (!found) {
    throw Error(
        ErrorCode::kNotFound, image.path().string(),
        "its parent is not in the same directory; name the parent, or export the layer flattened");
  }
  return found;
}

// Returns the names of the layer's own delta hives. Its image also has those of its parents. If a
// layer has no marker, its own are the ones in its directory.
std::set<std::u16string> own_deltas(const path& layer, const std::optional<LayerMarker>& marker) {
  std::set<std::u16string> names;
  const auto take = [&names](const path& file) {
    const auto name = upcase(to_utf16(file.filename().string()).value_or(u""));
    if (name.ends_with(u"_DELTA")) {
      names.insert(name);
    }
  };
  if (marker) {
    for (const auto& [file, digest] : marker->files) {
      take(file);
    }
    return names;
  }
  const path hives = layer / kHivesDirectory;
  if (std::filesystem::is_directory(status_of(hives))) {
    std::ranges::for_each(entries_of(hives), [&](const auto& entry) { take(entry.path()); });
  }
  return names;
}

class Export {
 public:
  /// Passes the tar to `write`.
  Export(const LayerPaths& layer, const tar::CallingSink::Function& write,
         const ExportOptions& options)
      : layer_(layer.resolved()),
        options_(options),
        image_(open_image(layer_)),
        marker_(read_marker(layer_)),
        parent_(parent_of(*image_, options)),
        exported_(*image_, options.stop),
        output_([this, write](const SharedBytes& bytes) { put_output(write, bytes); }),
        packed_(make_packing_sink(options.compression, output_)),
        input_([this](const SharedBytes& bytes) { put_tar(bytes); }),
        tar_(input_),
        entries_(*image_, exported_, tar_, options, result_) {}

  ExportResult run() {
    for (const std::string& sidecars : all_sidecar_paths()) {
      if (const auto file = ImagePath::parse(sidecars); sidecar_path_of(file)) {
        put_first(file);
      }
    }
    if (parent_) {
      export_diff(*std::make_shared<const ImageReader>(*parent_));
    } else {
      export_whole();
    }
    entries_.finish();
    tar_.finish();
    (packed_ ? *packed_ : output_).finish();
    result_.parent = parent_;
    result_.tar_size = tar_.offset();
    if (options_.digests) {
      result_.diff_id = "sha256:" + to_hex(tar_hash_.finish());
      result_.digest = "sha256:" + to_hex(output_hash_.finish());
    }
    return std::move(result_);
  }

 private:
  void put_tar(const SharedBytes& bytes) {
    if (options_.digests) {
      tar_hash_.update(bytes.bytes);
    }
    (packed_ ? *packed_ : output_).write(bytes);
  }

  void put_output(const tar::CallingSink::Function& write, const SharedBytes& bytes) {
    if (options_.digests) {
      output_hash_.update(bytes.bytes);
    }
    result_.file_size += bytes.bytes.size();
    write(bytes);
  }

  // Importers keep the bytes of these files as sidecar files, so they cannot be links to others.
  void put_first(const ImagePath& file) {
    if (const auto id = image_->find(file); id && exported_.has_several_names(*id)) {
      entries_.put_first(*id, spelled(file));
    }
  }

  // Returns the path in the image's spelling.
  ImagePath spelled(const ImagePath& file) const {
    ImagePath path;
    for (const std::u16string& name : file.names()) {
      const FileId directory = image_->find(path).value();
      const auto table = image_->directory(directory, image_->record(directory));
      path = std::move(path).child(table->name(table->find(name, image_->upcase()).value()));
    }
    return path;
  }

  ExportPlanOptions plan_options() const {
    return {.content = options_.content,
            .made_hives = marker_ && marker_->made_hives,
            .warning = options_.warning,
            .stop = options_.stop};
  }

  void export_diff(const ImageReader& parent) {
    DiffPlan plan = plan_diff(parent, *image_, exported_, own_deltas(layer_.layer, marker_),
                              plan_options(), [this] { entries_.check_stop(); });
    entries_.expect(std::move(plan.kept_names));
    for (const ExportStep& step : plan.steps) {
      entries_.put(step);
    }
  }

  void export_whole() {
    if (options_.content == ExportContent::kFlattened) {
      std::ranges::for_each(kLayerHives, [this](const LayerHive& hive) { flatten(hive); });
    }
    entries_.set_total_size(exported_.total_size());
    plan_whole(*image_, plan_options(), [this](const ExportStep& step) { entries_.put(step); });
  }

  // The hive that this layer's container sees is its base's with all differences applied.
  void flatten(const LayerHive& hive) {
    const ImagePath config = ImagePath::parse(hive.config());
    const auto seen = image_->find(ImagePath::parse(hive.base()));
    const auto of_base = image_->find(config);
    if (!seen && image_->find(ImagePath::parse(hive.delta()))) {
      throw Error(ErrorCode::kUnsupported, image_->path().string(),
                  fmt::format("{} was never merged into a hive, so the layer cannot be flattened",
                              hive.delta()));
    }
    if (seen && of_base && *seen != *of_base) {
      entries_.replace_bytes(*of_base, spelled(config), *seen);
    }
  }

  // The order of the members from result_ on is that of construction: bytes flow from entries_
  // through tar_, input_ and packed_ to output_, and each member refers to some before it.
  LayerPaths layer_;
  const ExportOptions& options_;
  std::shared_ptr<const ImageReader> image_;
  std::optional<LayerMarker> marker_;
  std::optional<path> parent_;
  ExportedFiles exported_;
  ExportResult result_;
  Sha256 tar_hash_;
  Sha256 output_hash_;
  tar::CallingSink output_;
  std::unique_ptr<tar::Sink> packed_;  // null for a plain tar
  tar::CallingSink input_;
  tar::WindowsWriter tar_;
  EntryWriter entries_;
};

ExportResult perform(const LayerPaths& layer, const tar::CallingSink::Function& write,
                     const ExportOptions& options) {
  try {
    return Export(layer, write, options).run();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCancelled) {
      throw;
    }
    throw Error(ErrorCode::kCancelled, error.subject(), "the export was cancelled");
  }
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
  return std::ranges::any_of(ends, [name](std::string_view end) { return name.ends_with(end); });
}

}  // namespace

Compression compression_named(const path& tar) {
  const std::string name = tar.filename().string();
  return ends_with_any(name, {".gz", ".tgz"})     ? Compression::kGzip
         : ends_with_any(name, {".zst", ".tzst"}) ? Compression::kZstd
                                                  : Compression::kNone;
}

ExportResult export_tar(const LayerPaths& layer, const ByteSink& sink,
                        const ExportOptions& options) {
  return perform(
      layer, [&sink](const SharedBytes& bytes) { sink(bytes.bytes); }, options);
}

ExportResult export_tar(const LayerPaths& layer, const path& tar, const ExportOptions& options) {
  ExportResult result;
  write_tar_file(tar, options.replaces_existing, [&](const tar::CallingSink::Function& write) {
    result = perform(layer, write, options);
  });
  return result;
}

}  // namespace cim::layer
