// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writing a container layer, entry by entry: its image and the sidecar files in its directory.
//
//   cim::layer::LayerWriter writer("store/8", {"store/7"});
//   writer.add(cim::ImagePath::parse("Files/a.txt"), {.attributes = cim::attribute::kArchive}, 5);
//   writer.write(bytes);
//   writer.add_alternate_stream(cim::StreamPath::parse("Files/a.txt:Zone.Identifier"), 26);
//   writer.write(more);
//   writer.add_link(cim::ImagePath::parse("Files/b.txt"), cim::ImagePath::parse("Files/a.txt"));
//   writer.remove(cim::ImagePath::parse("Files/old.txt"));
//   writer.close();
//
// A layer with parents starts as a fork of the first one's image: it shows all that the parent
// does, and what is written changes that. Until close() nothing of the layer is there, neither
// image nor directory; a writer that goes without it leaves nothing behind, and what one that is
// killed leaves, collect_garbage() finds.
//
// Some files also come to lie loose in the layer's directory, for what reads them before anything
// is mounted (docs/architecture.md, "Sidecar files"): registry hives, differences of hives, and of
// a utility VM its hives, its boot store and its boot manager. close() makes the rest:
//
//   - of a layer without parents, Hives/NAME_BASE as another name of each of the five hives of
//     Files/Windows/System32/config, and the file `layout`;
//   - of a layer with parents, Hives/NAME_BASE from each Hives/NAME_DELTA laid over what the
//     nearest parent has as NAME_BASE, in its directory or in its image;
//   - of a layer with a utility VM, `uvmbuildversion`, the number of its build (utility_vm.h).

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/image_path.h"
#include "cimlib/image_writer.h"
#include "cimlib/progress.h"
#include "cimlib/utility_vm.h"

namespace cim::layer {

/// Layers of one store are written side by side: each only adds files of its own. A writer waits
/// for the little while that somebody removes files there, or writes over an image.
inline constexpr std::chrono::minutes kImportLockTimeout{10};

struct LayerOptions {
  /// How the image is written. `base` must be empty, since the parents tell it; `now` is the time
  /// of what close() makes, too; `lock_mode` is kShared, whatever it says.
  WriterOptions image = {.lock_timeout = kImportLockTimeout};
  UtilityVmOptions utility_vm = {};
  /// Told what is odd about the layer, but no reason to refuse it.
  WarningSink warning = {};
};

/// What closing a layer did.
struct LayerSummary {
  CommitSummary image;
  /// Of a layer with the hive SOFTWARE of a utility VM.
  std::optional<UtilityVmReport> utility_vm;
};

/// One writer, one thread; several may write different layers of one store at once. After an
/// exception from any call but those documented as harmless every further call throws the same,
/// close() included.
class CIM_EXPORT LayerWriter {
 public:
  /// A new layer with the directory `layer`. `parents` are the directories of the layers that it
  /// lies on, the immediate parent first; their images must be in the directory of this one's.
  /// Paths are resolved first (resolve_layer()), and missing directories are made. Throws kExists
  /// if the layer has an image already or if its directory has a file of the name of a loose one
  /// that is not of this layer, kNotFound for a parent that is not a layer, kInvalidArgument for
  /// parents in another store, given twice, or in an order that cannot be and for a directory that
  /// no layer can have (`STORE/cim-layers`, `.`, `..`), and what opening the parent's image throws.
  LayerWriter(const std::filesystem::path& layer, const std::vector<std::filesystem::path>& parents,
              const LayerOptions& options = {});
  LayerWriter(LayerWriter&&) noexcept;
  LayerWriter& operator=(LayerWriter&&) noexcept;
  ~LayerWriter();

  /// Adds a file or directory, as ImageWriter::create does, with the same harmless failures. A
  /// file's `size` bytes follow in write(), all of them. Besides, kExists for a second sidecar file
  /// of a path; kInvalidArgument for what close() makes (`layout`, Hives/NAME_BASE), and for Files,
  /// Hives, UtilityVM and UtilityVM/Files as anything but plain directories.
  void add(const ImagePath& path, const FileMetadata& metadata, std::uint64_t size = 0);

  /// Adds an alternate stream of a file or directory that is there (kNotFound; harmless), of any
  /// size. Its `size` bytes follow in write().
  void add_alternate_stream(const StreamPath& stream, std::uint64_t size);

  /// Another name for a file, as ImageWriter::link, with the same harmless failures. Throws
  /// kInvalidArgument for the path of a sidecar file whose bytes are not at hand: `existing` must
  /// be a sidecar file of this layer, too.
  void add_link(const ImagePath& path, const ImagePath& existing);

  /// Removes what is at the path, a directory with all that is below it. What is not there is no
  /// failure.
  void remove(const ImagePath& path);

  /// The next bytes of what was added last. More than its size is kInvalidArgument. Without an
  /// owner they are copied where need be; with one they may be read after the return, until it is
  /// let go.
  void write(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner = nullptr);

  /// Whether something is at the path now.
  bool exists(const ImagePath& path) const;
  /// Whether a directory is there now.
  bool is_directory(const ImagePath& path) const;

  /// Processes hives and makes the layer durable: first the sidecar files, the image last. Throws
  /// kCorrupt for hives that can't be what they should and for a layer that lacks some of them,
  /// kExists if another writer was faster or a file is in the way; afterwards the writer takes no
  /// further call.
  LayerSummary close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cim::layer
