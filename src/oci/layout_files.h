// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The files that make up an image outside a store: those of a directory, or the members of a tar.
// Members are read in place; nothing is unpacked, so their names never become names on the host.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "cimlib/byte_streams.h"
#include "cimlib/progress.h"

#include "base/bytes.h"
#include "oci/documents.h"
#include "os/file.h"

namespace cim::oci {

/// Returns the name of a tar's member without empty parts and ".".
std::string archive_name(std::string_view name);
/// Returns the name of the member that a symbolic link of this name refers to.
std::string link_target(const std::string& link, std::string_view target);

/// An open file of a source: a range of a file on the host.
struct LayoutFile {
  std::shared_ptr<const File> file;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::optional<Digest> digest = {};  ///< if its bytes have been read already
  std::string subject;                ///< its name in errors

  /// Reads some bytes from `at` on; 0 at the end.
  std::size_t read_some_at(std::uint64_t at, std::span<std::byte> into) const;
  /// Reads all bytes. Throws kLimit if there are more than `limit`.
  Bytes read_all(std::uint64_t limit) const;
};

/// The files of a source, by names with `/`.
class LayoutFiles {
 public:
  LayoutFiles() = default;
  LayoutFiles(const LayoutFiles&) = delete;
  LayoutFiles& operator=(const LayoutFiles&) = delete;
  virtual ~LayoutFiles() = default;

  virtual std::string subject_of(const std::string& name) const = 0;
  virtual bool contains(const std::string& name) const = 0;
  /// Throws kNotFound.
  virtual LayoutFile open(const std::string& name) const = 0;
  virtual ByteSource source(const std::string& name) const = 0;
};

class DirectoryFiles final : public LayoutFiles {
 public:
  explicit DirectoryFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}

  std::string subject_of(const std::string& name) const override;
  bool contains(const std::string& name) const override;
  LayoutFile open(const std::string& name) const override;
  ByteSource source(const std::string& name) const override;

 private:
  std::filesystem::path directory_;
};

/// How to read an archive.
struct ArchiveOptions {
  std::uint64_t max_size = 0;  ///< of the unpacked archive
  ProgressSink progress = {};
  std::stop_token stop = {};
  /// Returns the directory for a temporary copy. Called only if one is needed: for an archive that
  /// is compressed or not a regular file.
  std::function<std::filesystem::path()> spool;
};

/// The members of a tar. All of it is read once to find them, and their digests are computed then.
class ArchiveFiles final : public LayoutFiles {
 public:
  /// `file` is the path of the archive, if it is known. Throws kCorrupt for a damaged tar and for
  /// two members of one name, kLimit, kCancelled.
  ArchiveFiles(const ByteSource& archive, const std::optional<std::filesystem::path>& path,
               const ArchiveOptions& options);
  ~ArchiveFiles() override;

  std::string subject_of(const std::string& name) const override;
  bool contains(const std::string& name) const override;
  LayoutFile open(const std::string& name) const override;
  ByteSource source(const std::string& name) const override;

 private:
  struct Member {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::optional<Digest> digest = {};  // nullopt for a link
    std::string target = {};            // of a link
  };

  class Indexing;

  const Member* find(const std::string& name) const;

  std::string name_;
  std::shared_ptr<const File> file_;
  std::optional<std::filesystem::path> temporary_;  // to be removed
  std::map<std::string, Member, std::less<>> members_;
};

}  // namespace cim::oci
