// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// An entry of an upper directory: what overlayfs or fuse-overlayfs recorded about it in extended
// attributes, and the other attributes that it has.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/image.h"

#include "image/host/host_entry_posix.h"

namespace cim::layer {

/// The extended attributes in which an overlay kept its records. If it used one kind, attributes of
/// the other are a program's and have no meaning.
enum class OverlayAttributes {
  kTrusted,  ///< `trusted.overlay.*`
  kUser,     ///< `user.overlay.*`
  kEither,   ///< unknown
};

/// Returns the kind that the top of an upper directory has.
OverlayAttributes overlay_attributes_of(const HostEntry& top);

/// How a name of a `.wh.` file, as fuse-overlayfs and layers of images have it, is to be read.
struct WhiteoutName {
  bool is_opaque_marker = false;
  std::string hidden{};  ///< the name that is hidden
};

/// Returns nullopt for any other name. Throws kInvalidArgument, naming `path`, for a name of that
/// form that hides nothing.
std::optional<WhiteoutName> parse_whiteout_name(std::string_view name, const std::string& path);

/// Returns false for most entries that hide no name, so that they need not be opened to find out.
bool may_be_whiteout(int directory, const std::string& name);

/// Returns true if a directory of another has the file by which fuse-overlayfs also marks opaque
/// directories, for file systems without attributes. `path` is for messages.
bool has_opaque_marker(int directory, const std::string& name, const std::string& path);

/// An entry and its attributes.
class UpperEntry {
 public:
  /// Reads the attributes. Throws kUnsupported if the entry refers to others of the image: a
  /// renamed directory (redirect_dir), a file without its data (metacopy).
  UpperEntry(HostEntry entry, OverlayAttributes which, const Image& parent);

  const HostEntry& host() const noexcept { return entry_; }

  /// Returns true if the entry hides a name of the directory below.
  bool is_whiteout() const noexcept { return is_whiteout_; }
  /// Returns true if the directory hides all names of the directory below.
  bool is_opaque() const noexcept { return is_opaque_; }
  /// Returns true if the overlay copied the file from the image.
  bool is_copied() const noexcept { return is_copied_; }
  /// Returns the file that it was copied from, if that is recorded. The id is valid, but the file
  /// may be of another kind.
  std::optional<FileId> origin() const noexcept { return origin_; }

  /// Names of alternate streams, sorted. Whatever instructs programs of Linux is not one.
  const std::vector<std::string>& streams() const noexcept { return streams_; }
  /// Names of attributes that have no meaning for Windows, nor for this library.
  const std::vector<std::string>& foreign_attributes() const noexcept { return foreign_; }

 private:
  void read_attribute(const std::string& name, OverlayAttributes which, const Image& parent);
  void read_overlay_attribute(const std::string& attribute, std::string_view name,
                              const Image& parent);

  HostEntry entry_;
  bool is_whiteout_ = false;
  bool is_opaque_ = false;
  bool is_copied_ = false;
  std::optional<FileId> origin_;
  std::vector<std::string> streams_;
  std::vector<std::string> foreign_;
};

/// Decodes the file handle that overlayfs records about a file of a FUSE mount of this library:
/// its inode number. Returns nullopt for handles of other file systems and of no file in the image.
std::optional<FileId> file_of_handle(ByteView handle, const Image& image);

}  // namespace cim::layer
