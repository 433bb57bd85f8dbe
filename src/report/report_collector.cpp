// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "report/report_collector.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/image.h"
#include "cimlib/layer_paths.h"
#include "cimlib/store.h"

#include "image/read/store_listing.h"
#include "report/layer_collector.h"
#include "store/contents.h"

namespace cim::report {
namespace {

namespace fs = std::filesystem;

class Collector {
 public:
  Collector(const fs::path& source, const ReportOptions& options)
      : source_(source), options_(options) {
    data_.source = source.string();
  }

  Data run() {
    choose_images();
    collect_layers();
    collect_files();
    if (data_.is_store) {
      name_images();
    }
    return std::move(data_);
  }

 private:
  // An image with its parents, or all images of a directory, parents first.
  void choose_images() {
    std::error_code error;
    if (!fs::is_directory(source_, error)) {
      directory_ = source_.has_parent_path() ? source_.parent_path() : fs::path(".");
      list_images();
      choose_chain();
      return;
    }
    data_.is_store = true;
    directory_ = image_directories(source_).back();
    list_images();
    chosen_ = headers_;
    if (chosen_.empty()) {
      throw Error(ErrorCode::kNotFound, data_.source, "there are no images in it");
    }
    std::ranges::stable_sort(chosen_, {},
                             [](const ImageHeader& image) { return image.header.parents.size(); });
  }

  // Damage in one image must not hide the others.
  void list_images() {
    try {
      headers_ = list_store(directory_);
      for (std::size_t i = 0; i < headers_.size(); ++i) {
        by_region_set_.emplace(headers_[i].header.own.guid, i);
      }
    } catch (const Error& error) {
      if (data_.is_store) {
        throw;
      }
      warn(error.what());
    }
  }

  void choose_chain() {
    const Image image(source_, open_options());  // throws what is wrong with it
    const fs::path name = image.path().filename();
    std::optional<ImageHeader> next;
    for (const ImageHeader& header : headers_) {
      if (header.path.filename() == name) {
        next = header;
      }
    }
    if (!next) {
      chosen_.push_back({source_, {}});
      return;
    }
    while (next && chosen_.size() <= headers_.size()) {
      chosen_.push_back(*next);
      next = parent_of(*next);
    }
    std::ranges::reverse(chosen_);
  }

  // The nearest ancestor that is still there: an image that was replaced since has no file.
  std::optional<ImageHeader> parent_of(const ImageHeader& image) const {
    const auto& ancestors = image.header.parents;
    for (auto set = ancestors.rbegin(); set != ancestors.rend(); ++set) {
      const auto [first, last] = by_region_set_.equal_range(set->guid);
      for (auto next = first; next != last; ++next) {
        const ImageHeader& other = headers_[next->second];
        if (other.header.parents.size() < ancestors.size() && other.path != image.path) {
          return other;
        }
      }
    }
    return std::nullopt;
  }

  void collect_layers() {
    ObjectNumbers objects;
    LayerCollector collector(data_, objects, options_, open_options());
    for (const ImageHeader& header : chosen_) {
      try {
        add_layer(header);
        collector.collect(data_.layers.size() - 1);
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kCancelled) {
          throw;
        }
        ++data_.unreadable;
        warn(fmt::format("{}: {}", header.path.string(), error.what()));
      }
    }
  }

  OpenOptions open_options() const {
    return {.region_directories = options_.region_directories, .listings = listings_};
  }

  void add_layer(const ImageHeader& header) {
    const Image image(header.path, open_options());
    Layer layer;
    layer.image = header.path;
    layer.version = fmt::format("{}.{}", image.version_major(), image.version_minor());
    if (const auto parent = parent_of(header)) {
      layer.parent = index_of(parent->path).value_or(-1);
    }
    layer.summary = summarize(image, {.stop = options_.stop});
    layer.check = check(header.path, {.max_findings = options_.max_findings,
                                      .stop = options_.stop,
                                      .region_directories = options_.region_directories,
                                      .listings = listings_});
    layers_.emplace(header.path.filename(), static_cast<std::int64_t>(data_.layers.size()));
    data_.layers.push_back(std::move(layer));
  }

  std::optional<std::int64_t> index_of(const fs::path& image) const {
    const auto found = layers_.find(image.filename());
    return found == layers_.end() ? std::nullopt : std::optional(found->second);
  }

  // All files of the images of the directory, also of those that the report does not describe.
  void collect_files() {
    std::map<std::string, RegionFile> files;
    for (const ImageHeader& header : headers_) {
      const auto user = index_of(header.path);
      for (const ImageFile& file :
           image_files(header.path, options_.region_directories, listings_)) {
        RegionFile& row = files[file.path.filename().string()];
        row.name = file.path.filename().string();
        row.kind = std::string(to_string(file.kind));
        row.region_set = file.kind == ImageFileKind::kFilesystem ? "" : file.region_set.to_string();
        row.size = file.size.value_or(0);
        row.is_missing = !file.size;
        if (user) {
          row.users.push_back(static_cast<std::size_t>(*user));
        }
      }
    }
    for (auto& [name, row] : files) {
      if (!row.is_missing || row.kind != "object-ids") {  // images are complete without those
        data_.files.push_back(std::move(row));
      }
    }
    try {
      data_.garbage = find_garbage(directory_);
    } catch (const Error& error) {
      warn(error.what());
    }
  }

  // The names that an import recorded.
  void name_images() {
    std::error_code error;
    if (directory_ == source_ || !fs::is_directory(source_ / "cim-images", error)) {
      return;
    }
    try {
      const oci::StoreRecords records(source_);
      const store::Contents contents(records);
      for (const auto& [id, record] : contents.images) {
        add_names(contents.image(record), top_of(record, contents, records));
      }
      std::ranges::sort(data_.images, {}, [](const NamedImage& image) {  // digests last
        return std::pair(image.name.starts_with("sha256:"), std::string_view(image.name));
      });
    } catch (const Error& failure) {
      warn(failure.what());
    }
  }

  // The image's uppermost layer, if the report describes it.
  std::optional<std::int64_t> top_of(const oci::ImageRecord& image, const store::Contents& contents,
                                     const oci::StoreRecords& records) const {
    if (image.chain.empty()) {
      return std::nullopt;
    }
    const auto layer = contents.layers.find(image.chain.back().hex());
    return layer == contents.layers.end()
               ? std::nullopt
               : index_of(layer::cim_path(records.layer_directory(layer->second)));
  }

  void add_names(const store::Image& image, std::optional<std::int64_t> top) {
    if (!top) {
      return;
    }
    for (const std::string& name : image.names) {
      data_.images.push_back({name, static_cast<std::size_t>(*top)});
    }
    if (image.names.empty()) {
      data_.images.push_back({image.digest, static_cast<std::size_t>(*top)});
    }
  }

  void warn(const std::string& text) const {
    if (options_.warning) {
      options_.warning(text);
    }
  }

  fs::path source_;
  const ReportOptions& options_;
  Data data_;
  fs::path directory_;
  std::shared_ptr<DirectoryListings> listings_ = new_directory_listings();
  std::vector<ImageHeader> headers_;
  std::multimap<Guid, std::size_t> by_region_set_;  // own sets of headers_
  std::map<fs::path, std::int64_t> layers_;         // by the name of the image
  std::vector<ImageHeader> chosen_;
};

}  // namespace

Data collect(const fs::path& source, const ReportOptions& options) {
  return Collector(source, options).run();
}

}  // namespace cim::report
