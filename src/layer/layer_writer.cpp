// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Entries are added to the image, except that the bytes of a sidecar file are written to a staged
// file. close() edits and merges the staged hives, copies them to the image, gives all sidecar
// files their final names and publishes the image last. Until then a failure leaves no files.
#include "cimlib/layer_writer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "async/shared_bytes.h"
#include "async/source_reader.h"
#include "base/operation_guard.h"
#include "base/upcase.h"
#include "base/utf16.h"
#include "layer/deferred_files.h"
#include "layer/existing_layers.h"
#include "layer/hives.h"
#include "layer/layer_marker.h"
#include "layer/new_directories.h"
#include "layer/sidecar_paths.h"
#include "layer/sidecar_staging.h"
#include "layer/utility_vm.h"
#include "os/directory_lock.h"
#include "os/file.h"
#include "os/host_path.h"

namespace cim::layer {
namespace {

using std::filesystem::path;
using Parents = std::vector<LayerPaths>;

// Another writer may be closing the same layer, which takes as long as flushing an image.
constexpr std::chrono::seconds kLayerLockTimeout{60};
// Other writers that fail may remove an empty directory just after it was found.
constexpr int kDirectoryAttempts = 100;

// Rejects names that stand for existing directories of other owners.
void check_layer_name(const path& layer) {
  const std::string image = cim_name(layer);
  const auto utf16 = to_utf16(image).value_or(std::u16string());
  if (image == ".cim" || image == "..cim" || image == "...cim" ||
      equal_ignoring_case(utf16, u"cim-layers.cim")) {
    throw Error(ErrorCode::kInvalidArgument, layer.string(),
                "is not a valid directory for a layer");
  }
}

// Checks the name as given and as resolved: a link may lead to such a directory, too.
LayerPaths checked_layer(const LayerPaths& layer) {
  check_layer_name(layer.layer);
  LayerPaths resolved = layer.resolved();
  check_layer_name(resolved.layer);
  return resolved;
}

Parents resolved(Parents parents) {
  std::ranges::transform(parents, parents.begin(), &LayerPaths::resolved);
  return parents;
}

LayerOptions checked(const LayerPaths& layer, const Parents& parents, LayerOptions options) {
  check_parents(layer, parents);
  if (!has_image(layer)) {
    require_no_foreign_files(layer);  // an early check; install() makes the decisive one
  }
  if (options.image.base) {
    throw Error(ErrorCode::kInvalidArgument, options.image.base->string(),
                "a layer can start only from its first parent");
  }
  options.image.lock_mode = LockMode::kShared;
  if (!parents.empty()) {
    options.image.base = parents.front().image;
  }
  return options;
}

// A virtual machine finds the image in a share of the directory above that of the images.
std::string image_on_share(const path& image) {
  return fmt::format("\\{}\\{}", absolute_path(directory_of(image)).filename().string(),
                     image.filename().string());
}

}  // namespace

class LayerWriter::Impl {
 public:
  Impl(const LayerPaths& layer, Parents parents, const LayerOptions& options);

  void add(const ImagePath& path, const FileMetadata& metadata, std::uint64_t size);
  void replace_metadata(const ImagePath& path, const FileMetadata& metadata);
  void add_alternate_stream(const StreamPath& stream, std::uint64_t size);
  void add_link(const ImagePath& path, const ImagePath& existing);
  bool remove(const ImagePath& path);
  /// Calls `start` with the size of `data`, then writes its bytes.
  template <typename Start>
  void add_from(const ByteSource& data, Start start) {
    guard_.require_open();
    const auto reader = open_source(data, buffers_);
    const std::uint64_t size = require_size(*reader);
    start(size);
    guard_.run([&] {
      copy_bytes(*reader, size, [this](const SharedBytes& run) { write(run.bytes, run.owner); });
    });
  }
  void write(ByteView bytes, const std::shared_ptr<const void>& owner);
  void write_zeros(std::uint64_t count);
  LayerSummary close();

  const ImageWriter& image() const {
    guard_.require_open();
    return image_;
  }

 private:
  // The target of write().
  struct Current {
    std::string path;
    std::uint64_t size = 0;
    std::uint64_t written = 0;
    File* sidecars = nullptr;  // the sidecar file that gets the bytes instead of the image
  };

  ImageWriter start_image();
  void finish_current();
  void write_current(ByteView bytes, const std::shared_ptr<const void>& owner);
  void require_room(std::uint64_t size) const;
  void start(const ImagePath& path, std::uint64_t size, File* sidecars);
  FileTime made_time() const;
  void warn(const std::string& text) const;
  void process_hives();
  std::optional<UtilityVmReport> process_utility_vm();
  CommitSummary publish();
  CommitSummary commit();
  void keep_all() noexcept;

  LayerPaths layer_;
  Parents parents_;
  LayerOptions options_;
  NewDirectories directories_;         // destroyed after all that creates files in the directories
  std::optional<DirectoryLock> lock_;  // on the layer's directory, until all is done or undone
  SidecarStaging sidecars_;
  ImageWriter image_;
  DeferredFiles deferred_;
  std::optional<Current> current_;
  BufferPool buffers_{kReadSize};
  OperationGuard guard_;
};

LayerWriter::Impl::Impl(const LayerPaths& layer, Parents parents, const LayerOptions& options)
    : layer_(checked_layer(layer)),
      parents_(resolved(std::move(parents))),
      options_(checked(layer_, parents_, options)),
      sidecars_(layer_),
      image_(start_image()),
      deferred_(image_, sidecars_),
      guard_(layer_.layer.string(), "the layer is already closed") {}

ImageWriter LayerWriter::Impl::start_image() {
  const path directory = directory_of(layer_.image);
  for (int attempt = 1;; ++attempt) {
    try {
      directories_.make(directory);
      if (is_same_file(directory, layer_.layer)) {  // each has a lock of its own
        throw Error(ErrorCode::kInvalidArgument, layer_.image.string(),
                    "the image must not be in the directory of the layer");
      }
      return ImageWriter(layer_.image, options_.image);
    } catch (const Error& error) {
      // If there is a parent, the directory contains its image, so it cannot have been removed.
      const bool is_gone = error.code() == ErrorCode::kNotFound && parents_.empty();
      if (!is_gone || attempt == kDirectoryAttempts) {
        throw;
      }
    }
  }
}

void LayerWriter::Impl::finish_current() {
  if (!current_) {
    return;
  }
  const Current done = *std::exchange(current_, std::nullopt);
  if (done.written < done.size) {
    throw Error(ErrorCode::kInvalidArgument, done.path,
                fmt::format("incomplete: {} of its {} bytes are missing", done.size - done.written,
                            done.size));
  }
  if (done.sidecars != nullptr) {
    // The flush in install() then has less to wait for.
    done.sidecars->start_writeback(0, done.size);
  }
}

void LayerWriter::Impl::start(const ImagePath& path, std::uint64_t size, File* sidecars) {
  current_ = Current{.path = path.to_string(), .size = size, .sidecars = sidecars};
}

// The image rejects an operation before it changes anything, so such failures are harmless and
// happen outside of the guard.
void LayerWriter::Impl::add(const ImagePath& path, const FileMetadata& metadata,
                            std::uint64_t size) {
  const bool is_directory = (metadata.attributes & attribute::kDirectory) != 0;
  const bool is_plain_file = !is_directory && metadata.reparse_data.empty();
  const auto sidecar_path = is_plain_file ? sidecar_path_of(path) : std::nullopt;
  guard_.run([&] {
    finish_current();
    check_reserved_path(path, is_directory && metadata.reparse_data.empty());
    if (sidecar_path && sidecars_.contains(*sidecar_path)) {
      throw Error(ErrorCode::kExists, path.to_string(), "the layer already has this file");
    }
    if (!is_directory || !image_.is_directory(path)) {
      deferred_.drop_below(path);
    }
  });
  image_.add(path, metadata, sidecar_path ? 0 : size);
  guard_.run([&] {
    if (sidecar_path) {
      start(path, size, &deferred_.add(path, *sidecar_path));
    } else if (!is_directory) {
      start(path, size, nullptr);
    }
  });
}

void LayerWriter::Impl::replace_metadata(const ImagePath& path, const FileMetadata& metadata) {
  const bool is_directory = (metadata.attributes & attribute::kDirectory) != 0;
  const bool is_reparse_point = !metadata.reparse_data.empty();
  guard_.run([&] {
    finish_current();
    check_reserved_path(path, is_directory && !is_reparse_point);
    const auto sidecar_path = sidecar_path_of(path);
    if (is_reparse_point && sidecar_path && sidecars_.contains(*sidecar_path)) {
      throw Error(ErrorCode::kUnsupported, path.to_string(),
                  "layers store this file separately, so it cannot become a reparse point");
    }
  });
  image_.replace_metadata(path, metadata);
}

void LayerWriter::Impl::add_alternate_stream(const StreamPath& stream, std::uint64_t size) {
  guard_.run([&] {
    finish_current();
    check_reserved_path(stream.file, true);
  });
  image_.add_alternate_stream(stream, size);
  guard_.run([&] {
    start(stream.file, size, nullptr);
    current_->path += ":" + to_wtf8(stream.stream);
  });
}

void LayerWriter::Impl::add_link(const ImagePath& path, const ImagePath& existing) {
  const auto sidecar_path = sidecar_path_of(path);
  const auto source = sidecar_path ? sidecar_path_of(existing) : std::nullopt;
  guard_.run([&] {
    finish_current();
    check_reserved_path(path, false);
    // On disk each is a separate file, since boot processing changes one and not the other.
    if (sidecar_path &&
        (!source || !sidecars_.contains(*source) || sidecars_.contains(*sidecar_path))) {
      throw Error(ErrorCode::kInvalidArgument, path.to_string(),
                  fmt::format("cannot be a hard link to {}: layers store this file separately",
                              existing.to_string()));
    }
  });
  image_.add_link(path, existing);
  if (sidecar_path) {
    guard_.run([&] { deferred_.add_name(path, *sidecar_path, *source); });
  }
}

bool LayerWriter::Impl::remove(const ImagePath& path) {
  guard_.run([this] { finish_current(); });
  if (path.is_root()) {
    return image_.remove(path);  // throws
  }
  return guard_.run([&] {
    if (!image_.exists(path)) {
      return false;
    }
    deferred_.drop_below(path);
    return image_.remove(path);
  });
}

void LayerWriter::Impl::write(ByteView bytes, const std::shared_ptr<const void>& owner) {
  guard_.run([&] {
    if (!bytes.empty()) {
      write_current(bytes, owner);
    }
  });
}

void LayerWriter::Impl::write_current(ByteView bytes, const std::shared_ptr<const void>& owner) {
  require_room(bytes.size());
  if (current_->sidecars != nullptr) {
    current_->sidecars->write_at(current_->written, bytes);
  } else {
    image_.write(bytes, owner);
  }
  current_->written += bytes.size();
}

void LayerWriter::Impl::write_zeros(std::uint64_t count) {
  guard_.run([&] {
    if (count == 0) {
      return;
    }
    require_room(count);
    if (current_->sidecars != nullptr) {
      current_->sidecars->resize(current_->written + count);
    } else {
      image_.write_zeros(count);
    }
    current_->written += count;
  });
}

void LayerWriter::Impl::require_room(std::uint64_t size) const {
  if (!current_) {
    throw Error(ErrorCode::kInvalidArgument, layer_.layer.string(), "no file is open to write to");
  }
  if (size > current_->size - current_->written) {
    throw Error(ErrorCode::kInvalidArgument, current_->path,
                fmt::format("{} bytes are too many; only {} are left of the declared size", size,
                            current_->size - current_->written));
  }
}

// By default this is the time that the image's root has.
FileTime LayerWriter::Impl::made_time() const {
  if (options_.made_times == MadeTimes::kZero) {
    return {};
  }
  if (options_.image.now) {
    return *options_.image.now;
  }
  return options_.image.reproducible ? FileTime::from_unix({}).value() : FileTime::now();
}

void LayerWriter::Impl::warn(const std::string& text) const {
  if (options_.warning) {
    options_.warning(text);
  }
}

void LayerWriter::Impl::process_hives() {
  const OpenLayer layer = {.image = image_,
                           .sidecars = sidecars_,
                           .made_time = made_time(),
                           .warning = options_.warning};
  if (parents_.empty()) {
    link_base_hives(layer);
  } else {
    merge_delta_hives(layer, parents_);
  }
}

// A layer whose utility VM directory contains no Windows is being built up; it needs no build
// number.
std::optional<UtilityVmReport> LayerWriter::Impl::process_utility_vm() {
  const auto staged = [this](std::string_view name) {
    return sidecars_.contains(name) ? sidecars_.staged(name) : path();
  };
  const UtilityVmFiles files = {.software = staged(kUtilityVmSoftware),
                                .system = staged(kUtilityVmSystem),
                                .boot_store = staged(kUtilityVmBootStore)};
  if (options_.utility_vm.cim_boot) {
    deferred_.require_own_bytes(kUtilityVmSystem);
    deferred_.require_own_bytes(kUtilityVmBootStore);
  } else if (files.software.empty()) {
    return std::nullopt;
  }
  try {
    const UtilityVmReport report = layer::process_utility_vm(
        files, options_.utility_vm, image_on_share(layer_.image), made_time());
    if (report.build == 0) {
      warn(
          fmt::format("{}: has no build number of the utility VM; containers with Hyper-V "
                      "isolation cannot start from the layer",
                      sidecars_.name_of(kUtilityVmSoftware)));
      return std::nullopt;
    }
    sidecars_.add(kUtilityVmBuildFile, as_bytes(fmt::format("{}", report.build)));
    return report;
  } catch (const Error& error) {
    throw sidecars_.renamed(error);
  }
}

// The lock on the layer's directory makes the first of several writers of one layer win: the others
// find its image. Sidecar files are installed first, because the layer exists once its image has
// its name.
CommitSummary LayerWriter::Impl::publish() {
  sidecars_.make_directory();
  lock_.emplace(layer_.layer, LockTimeout(kLayerLockTimeout, options_.image.lock_timeout.stop));
  if (has_image(layer_)) {
    throw Error(ErrorCode::kExists, layer_.image.string(),
                "another writer has created the layer in the meantime");
  }
  sidecars_.install();
  const CommitSummary summary = commit();
  keep_all();
  lock_.reset();
  return summary;
}

// A commit can fail after the image got its final name; the sidecar files are needed then.
CommitSummary LayerWriter::Impl::commit() {
  try {
    return image_.commit();
  } catch (const Error&) {
    std::error_code unknown;
    if (std::filesystem::exists(layer_.image, unknown)) {
      keep_all();
    }
    throw;
  }
}

void LayerWriter::Impl::keep_all() noexcept {
  sidecars_.dismiss();
  directories_.dismiss();
}

// The utility VM and the hives are processed while deferred files exist only as sidecar files;
// fill() then copies the edited bytes to the image.
LayerSummary LayerWriter::Impl::close() {
  return guard_.close([this] {
    finish_current();
    LayerSummary summary;
    summary.utility_vm = process_utility_vm();
    process_hives();
    deferred_.fill();
    summary.image = publish();
    if (parents_.empty()) {
      warn_of_dirty_hives(layer_, options_.warning);
    }
    return summary;
  });
}

LayerWriter::LayerWriter(const LayerPaths& layer, const std::vector<LayerPaths>& parents,
                         const LayerOptions& options)
    : impl_(std::make_unique<Impl>(layer, parents, options)) {}
LayerWriter::LayerWriter(LayerWriter&&) noexcept = default;
LayerWriter& LayerWriter::operator=(LayerWriter&&) noexcept = default;
LayerWriter::~LayerWriter() = default;

void LayerWriter::add(const ImagePath& path, const FileMetadata& metadata, std::uint64_t size) {
  impl_->add(path, metadata, size);
}
void LayerWriter::add(const ImagePath& path, const FileMetadata& metadata, const ByteSource& data) {
  impl_->add_from(data, [&](std::uint64_t size) { impl_->add(path, metadata, size); });
}
void LayerWriter::replace_metadata(const ImagePath& path, const FileMetadata& metadata) {
  impl_->replace_metadata(path, metadata);
}
void LayerWriter::add_alternate_stream(const StreamPath& stream, std::uint64_t size) {
  impl_->add_alternate_stream(stream, size);
}
void LayerWriter::add_alternate_stream(const StreamPath& stream, const ByteSource& data) {
  impl_->add_from(data, [&](std::uint64_t size) { impl_->add_alternate_stream(stream, size); });
}
void LayerWriter::add_link(const ImagePath& path, const ImagePath& existing) {
  impl_->add_link(path, existing);
}
bool LayerWriter::remove(const ImagePath& path) {
  return impl_->remove(path);
}
void LayerWriter::write(std::span<const std::byte> bytes,
                        const std::shared_ptr<const void>& owner) {
  impl_->write(bytes, owner);
}
void LayerWriter::write_zeros(std::uint64_t count) {
  impl_->write_zeros(count);
}
bool LayerWriter::exists(const StreamPath& stream) const {
  return impl_->image().exists(stream);
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
