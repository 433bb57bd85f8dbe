// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Searching an image: by name, metadata and content, with digests of what is found.
//
//   cim::FindOptions options;
//   options.names = {cim::Glob("*.dll")};
//   options.hash = cim::HashAlgorithm::kSha256;
//   const bool is_complete = cim::find(image, options, [](const cim::FoundEntry& entry) {
//     std::cout << entry.path.to_string() << '\n';
//     return true;
//   });

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/file_info.h"
#include "cimlib/glob.h"
#include "cimlib/hash_algorithm.h"
#include "cimlib/image.h"
#include "cimlib/image_path.h"
#include "cimlib/progress.h"
#include "cimlib/security_descriptor.h"

namespace cim {

/// A kind of entry. One entry may be of several kinds.
enum class EntryKind {
  kFile,       ///< neither a directory nor a link
  kDirectory,  ///< includes links to directories
  kLink,       ///< a symbolic link or mount point (junction)
  kHardLink,   ///< a name of a file that has several names
  kStream,     ///< an alternate stream; only reported if asked for
};

/// The criteria of a search. An entry is found if it satisfies every criterion that is set. An
/// alternate stream satisfies those of names and metadata if its file does.
struct FindOptions {
  /// Where to start: directories or files; the root if empty. Links are not followed.
  std::vector<ImagePath> starts = {};
  std::vector<Glob> paths = {};       ///< the path from the root matches one of them
  std::vector<Glob> names = {};       ///< the name, the last of the path, matches one of them
  std::vector<EntryKind> kinds = {};  ///< one of these; if empty, any but kStream
  std::optional<std::uint64_t> min_size = {};     ///< bytes of the file or stream
  std::optional<std::uint64_t> max_size = {};     ///< bytes of the file or stream
  std::optional<FileTime> newer_than = {};        ///< last written later than this
  std::optional<FileTime> older_than = {};        ///< last written earlier than this
  std::uint32_t with_attributes = 0;              ///< attribute::k…, all of which are set
  std::uint32_t without_attributes = 0;           ///< attribute::k…, none of which is set
  bool has_streams = false;                       ///< has alternate streams
  bool is_reparse_point = false;                  ///< has reparse data
  std::optional<std::uint32_t> reparse_tag = {};  ///< has reparse data of this tag
  std::optional<Sid> owner = {};                  ///< owner of the security descriptor
  /// A part of the descriptor in SDDL, as SecurityDescriptor::to_sddl() returns it.
  std::optional<std::string> sddl = {};
  /// The file or stream contains one of these series of bytes; each has at most 4,096.
  std::vector<std::vector<std::byte>> contents = {};
  std::optional<HashAlgorithm> hash = {};  ///< digest to compute for each file and stream found
  /// Maximum number of bytes to read, in all, that the image does not store because they are zeros:
  /// a small image may claim files of many terabytes. Files beyond it cannot be read (kLimit).
  std::uint64_t max_zeros = std::uint64_t{64} << 30;

  /// True to compare the contents that are read with the object ids of the image: those that do not
  /// match cannot be read (kCorrupt). Reads each object twice.
  bool verifies = false;

  ProgressSink progress = {};  ///< receives bytes while contents are read
  std::stop_token stop = {};   ///< a request to stop ends the search with kCancelled
  /// Receives each entry that cannot be read, with its path and the cause; the search continues.
  std::function<void(const std::string& path, const Error& error)> failure = {};
};

/// A file, directory or alternate stream. Valid during the call only.
struct FoundEntry {
  const ImagePath& path;
  const FileInfo& info;      ///< of the file, also for a stream
  const StreamInfo* stream;  ///< null for the file itself
  std::uint64_t size;        ///< bytes of the file or stream
  /// Digest of the file or stream; empty if none was asked for, for directories, and if the bytes
  /// could not be read.
  const std::vector<std::byte>& digest;
};

/// Searches an image and passes what is found to `found`, in the order of a walk, until it returns
/// false. If contents are to be read, those of all candidates are read first, each object once and
/// in the order in which they are stored; this needs memory for each candidate. Returns false if
/// something could not be read. Throws kNotFound for a start that does not exist, kLimit as
/// Image::walk() does, kInvalidArgument for an empty or overlong series of bytes.
CIM_EXPORT bool find(const Image& image, const FindOptions& options,
                     const std::function<bool(const FoundEntry&)>& found);

}  // namespace cim
