// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A directory tree of the host, read entry by entry for a new image. One implementation per system
// (host_tree_posix.cpp, host_tree_windows.cpp).

#include <compare>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/filetime.h"
#include "cimlib/image_writer.h"

#include "base/bytes.h"

namespace cim {

/// Why a name, a link or a stream is skipped while everything else is stored.
struct Skipped {
  std::string reason;
};

/// The kinds of files that an image can store; kOther is everything else.
enum class HostKind { kDirectory, kFile, kSymlink, kOther };

/// Which times of a file are used. kLastWriteOnly stores the last write time as all four, for
/// images that do not depend on when a directory was copied.
enum class TimesOfFiles { kAll, kLastWriteOnly };

/// The meaning of the extended attributes of metadata_xattrs.h: streams (kIgnore) or metadata.
enum class OwnXattrs { kIgnore, kRead };

/// Identifies a file, whatever its name.
struct HostFileId {
  std::uint64_t device = 0;
  std::uint64_t number = 0;
  std::uint64_t number_high = 0;  ///< for file systems with numbers of 128 bits

  auto operator<=>(const HostFileId&) const = default;
};

/// Metadata of a file in an image, with the objects that it refers to.
struct HostMetadata {
  std::uint32_t attributes = 0;
  FileTimes times;
  Bytes security_descriptor{};
  Bytes extended_attributes{};
  Bytes reparse_data{};

  FileMetadata view() const {
    return {.attributes = attributes,
            .times = times,
            .security_descriptor = security_descriptor,
            .extended_attributes = extended_attributes,
            .reparse_data = reparse_data};
  }
};

/// A file that is open in a HostTree.
struct HostFile {
  HostKind kind = HostKind::kOther;
  std::uint64_t size = 0;
  std::uint64_t link_count = 1;  ///< number of names of a file; 1 for directories
  HostFileId id;
};

/// Receives the contents of a file or stream: its size, then all of it in order.
struct HostDataSink {
  /// Called once, before the others, if there is something to read.
  std::function<void(std::uint64_t size)> begin;
  std::function<void(std::uint64_t size)> hole;  ///< any number of zeros
  std::function<void(ByteView bytes)> data;
};

/// Numbers of entries by what of them an image cannot store.
using OmittedCounts = std::map<std::string, std::uint64_t>;

/// A position in a directory tree, and the file that is open there. Names are WTF-8. Every entry is
/// opened by its name in the current directory, never through a link. All functions throw
/// kNotFound, kAccessDenied, kIo and the like if the system cannot read something, and kBusy if a
/// file is replaced while it is read.
class HostTree {
 public:
  /// Starts at a directory, which may be reached through links.
  HostTree(const std::filesystem::path& start, TimesOfFiles times, OwnXattrs own);
  HostTree(const HostTree&) = delete;
  HostTree& operator=(const HostTree&) = delete;
  ~HostTree();

  /// Returns the path of `name` in the current directory, for messages.
  std::string path_of(std::string_view name) const;
  /// Returns the names in the current directory, sorted by their bytes.
  std::vector<std::string> names() const;
  /// Enters a directory; throws if the name is a link or anything else.
  void enter(const std::string& name);
  void leave();

  /// Opens the file that the current directory has under a name, and closes the one before; "" is
  /// the current directory itself.
  HostFile open(const std::string& name);

  // The following functions are about the open file.

  /// Returns the metadata, with the data of a link. Throws Skipped for links that cannot be stored,
  /// kCorrupt for values that are not in the form of NTFS.
  HostMetadata metadata();
  /// Reads the contents. Calls neither `hole` nor `data` for a file that is one hole. Throws kIo if
  /// the file becomes shorter meanwhile.
  void read(const HostDataSink& sink);
  /// Returns the names of the alternate streams; of names that are equal on Windows, the one to
  /// keep comes first.
  std::vector<std::string> streams();
  /// Reads an alternate stream; does not call `sink` if it has been removed. Throws Skipped for one
  /// that this system cannot read.
  void read_stream(const std::string& stream, const HostDataSink& sink);
  /// Returns true if read_stream() has read this file of the current directory, in which a system
  /// has a stream of another file.
  bool was_read_as_stream(const std::string& name) const;

  /// Extended attributes without a meaning for Windows, by name.
  const OmittedCounts& foreign_attributes() const;
  /// Warnings about metadata that could not be read, each with the number of entries concerned.
  std::vector<std::string> warnings() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cim
