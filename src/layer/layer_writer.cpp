// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/layer_writer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/layer.h"

#include "base/directory_lock.h"
#include "base/file.h"
#include "base/upcase.h"
#include "base/utf16.h"
#include "image/region_files.h"
#include "layer/hives.h"
#include "layer/loose_files.h"
#include "layer/new_directories.h"
#include "layer/standard_files.h"
#include "layer/utility_vm.h"

namespace cim::layer {
namespace {

using std::filesystem::path;
using Parents = std::vector<path>;

constexpr std::size_t kPieceSize = std::size_t{1} << 20;
// Another writer's closing of the same layer, which takes as long as flushing an image does.
constexpr std::chrono::seconds kPatience{60};
// Others that fail may take an empty directory away just after it was found.
constexpr int kDirectoryAttempts = 100;

bool is_at_or_below(const ImagePath& top, const ImagePath& path) {
  const auto& names = path.names();
  return top.names().size() <= names.size() &&
         std::equal(top.names().begin(), top.names().end(), names.begin(),
                    [](const std::u16string& a, const std::u16string& b) {
                      return compare_ignoring_case(a, b) == 0;
                    });
}

bool is_ancestor(const path& image, const path& of) {
  const Guid wanted = read_filesystem_header(image).own.guid;
  const auto sets = region_sets_of(read_filesystem_header(of));
  return std::ranges::find(sets, wanted, &RegionSet::guid) != sets.end();
}

void check_parents(const path& layer, const Parents& parents) {
  for (const path& parent : parents) {
    if (!is_cim_layer(parent)) {
      throw Error(
          ErrorCode::kNotFound, parent.string(),
          fmt::format("no layer that can be a parent: there is no {}", cim_path(parent).string()));
    }
    std::error_code unknown;
    if (!std::filesystem::equivalent(cim_dir(parent), cim_dir(layer), unknown)) {
      throw Error(ErrorCode::kInvalidArgument, parent.string(),
                  "a parent must be in the same store as the layer");
    }
  }
  for (std::size_t i = 1; i < parents.size(); ++i) {
    if (!is_ancestor(cim_path(parents[i]), cim_path(parents[i - 1]))) {
      throw Error(
          ErrorCode::kInvalidArgument, parents[i].string(),
          fmt::format("{} does not lie on it; parents are given from the immediate one down",
                      parents[i - 1].string()));
    }
  }
}

WriterOptions image_options(const Parents& parents, const LayerOptions& options) {
  WriterOptions how = options.image;
  if (how.base) {
    throw Error(ErrorCode::kInvalidArgument, how.base->string(),
                "what a layer starts from is its first parent");
  }
  how.directory_use = DirectoryUse::kTogether;
  if (!parents.empty()) {
    how.base = cim_path(parents.front());
  }
  return how;
}

}  // namespace

class LayerWriter::Impl {
 public:
  Impl(path layer, Parents parents, const LayerOptions& options);

  void add(const ImagePath& path, const FileMetadata& metadata, std::uint64_t size);
  void add_alternate_stream(const StreamPath& stream, std::uint64_t size);
  void add_link(const ImagePath& path, const ImagePath& existing);
  void remove(const ImagePath& path);
  void write(ByteView bytes, const std::shared_ptr<const void>& owner);
  LayerSummary close();

  const ImageWriter& image() const noexcept { return *image_; }

 private:
  // What write() goes to.
  struct Current {
    std::string path;
    std::uint64_t size = 0;
    std::uint64_t written = 0;
    File* loose = nullptr;  // instead of the image
  };

  // A file of the image that lies loose until the layer is closed.
  struct Waiting {
    enum class Bytes { kOwn, kOfAnother };  // the latter of another name of a file that waits

    ImagePath path;
    Bytes bytes;
  };

  void start_image();
  void finish_current();
  void start(const ImagePath& path, std::uint64_t size, File* loose);
  void fill(std::string_view loose_path);
  void give_up_loose_below(const ImagePath& path);
  FileTime now() const;
  void process_hives();
  std::optional<UtilityVmReport> process_utility_vm();
  void require_own_bytes(std::string_view loose_path) const;
  CommitSummary publish();

  path layer_;
  Parents parents_;
  LayerOptions options_;
  NewDirectories directories_;
  std::optional<DirectoryLock> lock_;  // of the layer's directory, until all is made or undone
  LooseFiles loose_;
  std::optional<ImageWriter> image_;
  std::map<std::string_view, Waiting> waiting_;  // by loose path
  std::optional<Current> current_;
  bool closed_ = false;
};

LayerWriter::Impl::Impl(path layer, Parents parents, const LayerOptions& options)
    : layer_(std::move(layer)),
      parents_(std::move(parents)),
      options_(options),
      loose_(layer_, cim_dir(layer_)) {
  check_parents(layer_, parents_);
  options_.image = image_options(parents_, options);
  start_image();
}

void LayerWriter::Impl::start_image() {
  const path directory = cim_dir(layer_);
  for (int attempt = 1; !image_; ++attempt) {
    try {
      directories_.make(directory);
      image_.emplace(cim_path(layer_), options_.image);
    } catch (const Error& error) {
      // With a parent, the directory has its image and stays.
      const bool is_gone = error.code() == ErrorCode::kNotFound && parents_.empty();
      if (!is_gone || attempt == kDirectoryAttempts) {
        throw;
      }
    }
  }
}

void LayerWriter::Impl::finish_current() {
  if (closed_) {
    throw Error(ErrorCode::kInvalidArgument, layer_.string(), "the layer is closed already");
  }
  if (!current_) {
    return;
  }
  const Current done = *std::exchange(current_, std::nullopt);
  if (done.written < done.size) {
    throw Error(ErrorCode::kInvalidArgument, done.path,
                fmt::format("incomplete: {} of its {} bytes were not written",
                            done.size - done.written, done.size));
  }
  if (done.loose != nullptr) {
    done.loose->start_writeback(0, done.size);
  }
}

void LayerWriter::Impl::start(const ImagePath& path, std::uint64_t size, File* loose) {
  current_ = Current{.path = path.to_string(), .size = size, .loose = loose};
}

// A loose file waits in the image as an empty one, so that names and streams can be added to it.
void LayerWriter::Impl::add(const ImagePath& path, const FileMetadata& metadata,
                            std::uint64_t size) {
  finish_current();
  const bool is_directory = (metadata.attributes & attribute::kDirectory) != 0;
  const bool is_plain_file = !is_directory && metadata.reparse_data.empty();
  const auto loose_path = is_plain_file ? loose_path_of(path) : std::nullopt;
  if (loose_path && loose_.contains(*loose_path)) {
    throw Error(ErrorCode::kExists, path.to_string(), "the layer has this file already");
  }
  if (!is_directory || !image_->is_directory(path)) {
    give_up_loose_below(path);
  }
  image_->create(path, metadata, loose_path ? 0 : size);
  if (loose_path) {
    start(path, size, &loose_.add(*loose_path));
    waiting_.emplace(*loose_path, Waiting{path, Waiting::Bytes::kOwn});
  } else if (!is_directory) {
    start(path, size, nullptr);
  }
}

void LayerWriter::Impl::add_alternate_stream(const StreamPath& stream, std::uint64_t size) {
  finish_current();
  image_->create_stream(stream.file, stream.stream, size);
  start(stream.file, size, nullptr);
  current_->path += ":" + to_wtf8(stream.stream);
}

void LayerWriter::Impl::add_link(const ImagePath& path, const ImagePath& existing) {
  finish_current();
  const auto loose_path = loose_path_of(path);
  if (!loose_path) {
    if (path != existing) {
      give_up_loose_below(path);
    }
    image_->link(path, existing);
    return;
  }
  // On disk each is a file of its own, since boot processing changes one and not the other.
  const auto source = loose_path_of(existing);
  if (!source || !loose_.contains(*source) || loose_.contains(*loose_path)) {
    throw Error(ErrorCode::kInvalidArgument, path.to_string(),
                fmt::format("can't be another name of {}: layers keep this file by itself",
                            existing.to_string()));
  }
  image_->link(path, existing);
  loose_.add_copy(*loose_path, *source);
  waiting_.emplace(*loose_path, Waiting{path, Waiting::Bytes::kOfAnother});
}

void LayerWriter::Impl::remove(const ImagePath& path) {
  finish_current();
  if (image_->exists(path)) {
    give_up_loose_below(path);
    image_->remove(path);
  }
}

void LayerWriter::Impl::write(ByteView bytes, const std::shared_ptr<const void>& owner) {
  if (bytes.empty()) {
    return;
  }
  if (!current_) {
    throw Error(ErrorCode::kInvalidArgument, layer_.string(), "no file is open to write to");
  }
  if (bytes.size() > current_->size - current_->written) {
    throw Error(ErrorCode::kInvalidArgument, current_->path,
                fmt::format("{} bytes are written, and {} are left of its size", bytes.size(),
                            current_->size - current_->written));
  }
  if (current_->loose != nullptr) {
    current_->loose->write_at(current_->written, bytes);
  } else {
    image_->write(bytes, owner);
  }
  current_->written += bytes.size();
}

// Gives a file of the image the bytes of its loose one.
void LayerWriter::Impl::fill(std::string_view loose_path) {
  const Waiting& waiting = waiting_.at(loose_path);
  if (waiting.bytes == Waiting::Bytes::kOfAnother) {
    return;
  }
  const File file = File::open_read(loose_.staged(loose_path));
  const std::uint64_t size = file.size();
  image_->rewrite(waiting.path, size);
  Bytes piece(kPieceSize);
  for (std::uint64_t at = 0; at < size;) {
    const std::size_t got = file.read_some_at(at, piece);
    image_->write(ByteView(piece).first(got));
    at += got;
  }
}

// Files that are no longer at their loose path: other names of them keep the bytes.
void LayerWriter::Impl::give_up_loose_below(const ImagePath& path) {
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (is_at_or_below(path, it->second.path)) {
      fill(it->first);
      loose_.remove(it->first);
      it = waiting_.erase(it);
    } else {
      ++it;
    }
  }
}

// As the image's root has it.
FileTime LayerWriter::Impl::now() const {
  if (options_.image.now) {
    return *options_.image.now;
  }
  return options_.image.reproducible ? FileTime::from_unix({}).value() : FileTime::now();
}

void LayerWriter::Impl::process_hives() {
  const OpenLayer layer = {
      .image = *image_, .loose = loose_, .now = now(), .warning = options_.warning};
  if (parents_.empty()) {
    link_base_hives(layer);
  } else {
    merge_delta_hives(layer, parents_);
  }
}

// Layers with the directory of a utility VM and no Windows in it are being made; they need no
// number.
std::optional<UtilityVmReport> LayerWriter::Impl::process_utility_vm() {
  const auto staged = [this](std::string_view name) {
    return loose_.contains(name) ? loose_.staged(name) : path();
  };
  const UtilityVmFiles files = {.software = staged(kUtilityVmSoftware),
                                .system = staged(kUtilityVmSystem),
                                .boot_store = staged(kUtilityVmBootStore)};
  if (options_.utility_vm.cim_boot) {
    require_own_bytes(kUtilityVmSystem);
    require_own_bytes(kUtilityVmBootStore);
  } else if (files.software.empty()) {
    return std::nullopt;
  }
  try {
    const UtilityVmReport report = layer::process_utility_vm(
        files, options_.utility_vm, fmt::format("\\cim-layers\\{}", cim_name(layer_)), now());
    loose_.add(kUtilityVmBuildFile, as_bytes(fmt::format("{}", report.build)));
    return report;
  } catch (const Error& error) {
    throw loose_.renamed(error);
  }
}

// What is edited must not change under other names.
void LayerWriter::Impl::require_own_bytes(std::string_view loose_path) const {
  const auto waiting = waiting_.find(loose_path);
  if (waiting != waiting_.end() && waiting->second.bytes == Waiting::Bytes::kOfAnother) {
    throw Error(ErrorCode::kUnsupported, waiting->second.path.to_string(),
                "it is to be edited, and is another name of a file that is not");
  }
}

CommitSummary LayerWriter::Impl::publish() {
  loose_.make_directory();
  lock_.emplace(layer_, kPatience);
  if (is_cim_layer(layer_)) {
    throw Error(ErrorCode::kExists, cim_path(layer_).string(),
                "another writer has made the layer meanwhile");
  }
  loose_.install();
  const CommitSummary summary = image_->commit();
  loose_.keep();
  directories_.keep();
  lock_.reset();
  return summary;
}

LayerSummary LayerWriter::Impl::close() {
  finish_current();
  LayerSummary summary;
  summary.utility_vm = process_utility_vm();
  process_hives();
  for (const auto& [loose_path, waiting] : waiting_) {
    fill(loose_path);
  }
  closed_ = true;
  summary.image = publish();
  return summary;
}

LayerWriter::LayerWriter(const std::filesystem::path& layer,
                         const std::vector<std::filesystem::path>& parents,
                         const LayerOptions& options)
    : impl_(std::make_unique<Impl>(layer, parents, options)) {}
LayerWriter::LayerWriter(LayerWriter&&) noexcept = default;
LayerWriter& LayerWriter::operator=(LayerWriter&&) noexcept = default;
LayerWriter::~LayerWriter() = default;

void LayerWriter::add(const ImagePath& path, const FileMetadata& metadata, std::uint64_t size) {
  impl_->add(path, metadata, size);
}
void LayerWriter::add_alternate_stream(const StreamPath& stream, std::uint64_t size) {
  impl_->add_alternate_stream(stream, size);
}
void LayerWriter::add_link(const ImagePath& path, const ImagePath& existing) {
  impl_->add_link(path, existing);
}
void LayerWriter::remove(const ImagePath& path) {
  impl_->remove(path);
}
void LayerWriter::write(std::span<const std::byte> bytes,
                        const std::shared_ptr<const void>& owner) {
  impl_->write(bytes, owner);
}
bool LayerWriter::exists(const ImagePath& path) const {
  return impl_->image().exists(path);
}
bool LayerWriter::is_directory(const ImagePath& path) const {
  return impl_->image().is_directory(path);
}
LayerSummary LayerWriter::close() {
  return impl_->close();
}

}  // namespace cim::layer
