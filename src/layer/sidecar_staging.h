// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The sidecar files of a layer that is being written. Each has a temporary name next to the image,
// where garbage collection finds it if the writer is killed, until install() gives all of them
// their final names.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/layer_paths.h"
#include "cimlib/lock.h"

#include "base/bytes.h"
#include "layer/layer_marker.h"
#include "layer/new_directories.h"
#include "os/file.h"

namespace cim::layer {

/// Collects the sidecar files of one layer, and removes them again unless they are kept.
class SidecarStaging {
 public:
  /// Files are staged next to the image. Creates nothing yet.
  explicit SidecarStaging(const LayerPaths& layer);
  SidecarStaging(const SidecarStaging&) = delete;
  SidecarStaging& operator=(const SidecarStaging&) = delete;
  /// Removes all files, staged or installed, and the marker, unless dismiss() was called.
  ~SidecarStaging();

  /// Paths are relative to the layer's directory, with `/`.
  bool contains(std::string_view path) const { return files_.contains(path); }

  /// Creates a file. Throws kExists if there already is one with that path.
  File& add(std::string_view path);
  void add(std::string_view path, ByteView bytes);
  /// Adds another name for a file that was added.
  void add_link(std::string_view path, std::string_view existing);
  /// Adds a separate file with the bytes of another.
  void add_copy(std::string_view path, std::string_view existing);
  /// Removes a file.
  void remove(std::string_view path);

  /// Returns the current path of the file. The caller may replace the file there.
  const std::filesystem::path& staged(std::string_view path) const;

  /// Returns the file's name for messages: its path after installation.
  std::string name_of(std::string_view path) const { return (layer_ / path).string(); }

  /// Returns the error with its subject changed to the file's name for messages if it is a staged
  /// file.
  Error renamed(const Error& error) const;

  /// Creates the layer's directory.
  void make_directory();

  /// Records in the marker that the image's directory Hives is not from the tar.
  void note_made_hives() noexcept { marker_.made_hives = true; }

  /// Moves the files to the directory, the marker first. Removes what a killed writer left there
  /// before. Throws kExists for a file of the same name that is not the layer's, kInvalidArgument
  /// if a path leads through a link.
  void install();

  /// Keeps the installed files.
  void dismiss() noexcept;

 private:
  void adopt_remains();
  void mark();
  void move(const std::filesystem::path& from, const std::filesystem::path& to);

  // A staged file is flushed through the descriptor that wrote it, because the kernel may report a
  // write error only there. Links have no descriptor of their own.
  struct Staged {
    std::filesystem::path path;
    File file{};
  };

  LayerPaths paths_;
  const std::filesystem::path& layer_ = paths_.layer;
  std::filesystem::path staging_;
  NewDirectories directories_;
  std::map<std::string, Staged, std::less<>> files_;       // by path
  std::map<std::string, std::string, std::less<>> links_;  // another name of a file to its path
  LayerMarker marker_;
  bool is_marked_ = false;
  std::vector<std::filesystem::path> installed_;
};

/// Adds a file to the directory of an existing layer, or replaces it. Waits for others that write
/// or remove the layer, or collect garbage beside its image; the caller holds none of their locks.
/// Throws kNotFound if the layer is gone then, and what DirectoryLock throws.
void add_to_layer(const LayerPaths& layer, std::string_view path, ByteView bytes,
                  const LockTimeout& lock_timeout);

}  // namespace cim::layer
