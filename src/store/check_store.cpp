// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Continues after a defect: each record is read by itself, and what cannot be read is a fault.
// Other processes may add and remove images meanwhile, without a lock. They write what a record
// refers to before the record, and remove it after the record; so a fault is one only if the record
// is still there and has it when it is read again.
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cimlib/check.h"
#include "cimlib/error.h"
#include "cimlib/layer.h"
#include "cimlib/store.h"

#include "base/printable.h"
#include "image/read/store_listing.h"
#include "os/file.h"
#include "os/host_path.h"
#include "store/contents.h"

namespace cim::store {
namespace {

using std::filesystem::path;

class StoreCheck {
 public:
  StoreCheck(const path& store, const CheckOptions& options) : records_(store), options_(options) {}

  CheckReport run() {
    for_each_record(
        "layers", report_.layers, [this](const oci::Digest& id) { return records_.layer(id); },
        [this](const oci::LayerRecord& record) { check_layer(record); });
    for_each_record(
        "images", report_.images, [this](const oci::Digest& id) { return records_.image(id); },
        [this](const oci::ImageRecord& record) { check_image(record); });
    check_names();
    return std::move(report_);
  }

 private:
  // Skips files with names that no record has, as everything else does.
  template <typename Read, typename Check>
  void for_each_record(const char* kind, std::uint64_t& count, Read read, Check check) {
    for (const path& file : files_of(kind)) {
      const auto id = oci::Digest::parse("sha256:" + file.stem().string());
      if (!id || file.extension() != ".json") {
        continue;
      }
      bool is_read = false;
      judge(file, [&] {
        if (const auto record = read(*id)) {
          is_read = true;
          check(*record);
        }
      });
      count += is_read ? 1 : 0;
    }
  }

  // Runs an action that adds the faults of a record, and once more if there are any.
  template <typename Action>
  void judge(const path& file, const Action& action) {
    const std::size_t faults = report_.faults.size();
    guarded(file, action);
    if (report_.faults.size() > faults) {
      report_.faults.resize(faults);
      guarded(file, action);
    }
    if (!std::filesystem::exists(status_of(file))) {
      report_.faults.resize(faults);
    }
  }

  std::vector<path> files_of(const char* kind) {
    std::vector<path> files;
    const path directory = records_.directory() / kind;
    if (std::filesystem::is_directory(status_of(directory))) {
      for (const auto& entry : entries_of(directory)) {
        files.push_back(entry.path());
      }
    }
    return files;
  }

  template <typename Action>
  void guarded(const path& file, Action action) {
    try {
      action();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) {
        throw;
      }
      add(error.subject().empty() ? file : path(error.subject()), error.reason());
    }
  }

  void add(const path& file, std::string text) {
    report_.faults.push_back({file, std::move(text)});
  }

  void check_layer(const oci::LayerRecord& record) {
    if (options_.stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, records_.store().string(), "the check was cancelled");
    }
    const path directory = records_.layer_directory(record);
    const path image = layer::cim_path(directory);
    if (!layer::is_cim_layer(directory)) {
      return;  // left by a killed import, unless an image needs it
    }
    if (record.parent && !records_.layer(*record.parent)) {
      add(records_.path_of_layer(record.chain_id), "the layer's parent is not recorded");
    }
    for (const ImageFile& file : image_files(image, {}, listings_)) {
      if (!file.size && file.kind != ImageFileKind::kObjectIds) {
        add(file.path, "is missing, and a layer needs it");
      }
    }
    if (options_.deep) {
      const auto found = cim::check(image, {.depth = CheckDepth::kDeep,
                                            .progress = options_.progress,
                                            .stop = options_.stop,
                                            .listings = listings_});
      for (const Finding& finding : found.findings) {
        if (finding.severity != Severity::kNote) {
          add(image, to_string(finding));
        }
      }
    }
  }

  void check_image(const oci::ImageRecord& record) {
    const path file = records_.path_of_image(record.manifest);
    const auto subject = [this](const oci::Digest& digest) {
      return records_.path_of_document(digest).string();
    };
    (void)oci::parse_manifest(
        parse_json(records_.document(record.manifest), subject(record.manifest)),
        subject(record.manifest));
    const auto configuration = oci::parse_configuration(
        parse_json(records_.document(record.configuration), subject(record.configuration)),
        subject(record.configuration));
    if (configuration.platform != record.platform) {
      add(file, "states another platform than the image's configuration");
    }
    if (oci::chain_ids(configuration.diff_ids) != record.chain) {
      add(file, "lists other layers than the image's configuration");
    }
    for (const oci::Digest& chain_id : record.chain) {
      const auto layer = records_.layer(chain_id);
      if (!layer) {
        add(file, fmt::format("the layer {} is not recorded", chain_id.text()));
      } else if (!layer::is_cim_layer(records_.layer_directory(*layer))) {
        add(records_.layer_directory(*layer), "a layer of an image is missing");
      }
    }
  }

  void check_names() {
    for (const path& file : files_of("names")) {
      if (!oci::Digest::parse("sha256:" + file.stem().string()) || file.extension() != ".json") {
        continue;
      }
      bool is_read = false;
      judge(file, [&] {
        const oci::NameRecord record =
            oci::parse_name_record(read_whole_file(file, kLargestDocument), file.string());
        is_read = true;
        if (records_.path_of_name(record.name) != file) {
          add(file, "is the record of another name");
        }
        if (!records_.image(record.manifest)) {
          add(file, fmt::format("the image {} is not recorded", record.manifest.text()));
        }
      });
      report_.names += is_read ? 1 : 0;
    }
  }

  oci::StoreRecords records_;
  const CheckOptions& options_;
  std::shared_ptr<DirectoryListings> listings_ = new_directory_listings();
  CheckReport report_;
};

}  // namespace

CheckReport check(const path& store, const CheckOptions& options) {
  require_store(store);
  return StoreCheck(store, options).run();
}

}  // namespace cim::store
