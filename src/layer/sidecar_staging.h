// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The files that come to lie in a layer's directory, while the layer is written: each under a
// temporary name beside the image, where collecting garbage finds it if the writer is killed, until
// install() gives all of them their names.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/error.h"

#include "base/bytes.h"
#include "layer/layer_marker.h"
#include "layer/new_directories.h"
#include "os/file.h"

namespace cim::layer {

class SidecarStaging {
 public:
  /// Of the directory `layer`, kept in `staging` for now; nothing is made yet.
  SidecarStaging(std::filesystem::path layer, std::filesystem::path staging);
  SidecarStaging(const SidecarStaging&) = delete;
  SidecarStaging& operator=(const SidecarStaging&) = delete;
  /// Removes all of them, wherever they are, and the marker, unless dismiss() was called.
  ~SidecarStaging();

  /// Paths below the layer's directory, with `/`.
  bool contains(std::string_view path) const { return files_.contains(path); }

  /// A new file. Throws kExists if there is one of that path already.
  File& add(std::string_view path);
  void add(std::string_view path, ByteView bytes);
  /// Another name for a file that was added.
  void add_link(std::string_view path, std::string_view existing);
  /// A file of its own with the bytes of another.
  void add_copy(std::string_view path, std::string_view existing);
  /// Takes one away.
  void remove(std::string_view path);

  /// Where the file is at present. Whoever changes it may put another file in its place.
  const std::filesystem::path& staged(std::string_view path) const;

  /// What it is called in messages: its path when it is installed.
  std::string name_of(std::string_view path) const { return (layer_ / path).string(); }

  /// The same error, but about the file by that name if it is about a staged one.
  Error renamed(const Error& error) const;

  /// Makes the layer's directory.
  void make_directory();

  /// Has the marker say that the image's directory Hives is not of the tar.
  void note_made_hives() noexcept { marker_.made_hives = true; }

  /// Moves the files to the directory, the marker first. What a writer that was killed left there
  /// is removed before. Throws kExists for a file of that name that is not the layer's,
  /// kInvalidArgument if a way there leads through a link.
  void install();

  /// They stay.
  void dismiss() noexcept;

 private:
  void take_over_remains();
  void mark();
  void move(const std::filesystem::path& from, const std::filesystem::path& to);

  std::filesystem::path layer_;
  std::filesystem::path staging_;
  NewDirectories directories_;
  std::map<std::string, std::filesystem::path, std::less<>> files_;  // where each is staged
  std::map<std::string, std::string, std::less<>> links_;  // each to the file it is a name of
  File open_;                                              // the one added last
  LayerMarker marker_;
  bool is_marked_ = false;
  std::vector<std::filesystem::path> installed_;
};

/// Adds a file to the directory of a layer that is there, or replaces it.
void add_to_layer(const std::filesystem::path& layer, std::string_view path, ByteView bytes);

}  // namespace cim::layer
