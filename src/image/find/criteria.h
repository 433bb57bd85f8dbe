// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The criteria of a search that need no contents.

#include <cstdint>
#include <map>
#include <string>

#include "cimlib/find.h"

#include "base/bytes.h"
#include "os/seeded_hash.h"

namespace cim {

class FindCriteria {
 public:
  /// The references must outlive this object. Reads link counts if hard links are asked for.
  FindCriteria(const Image& image, const FindOptions& options);

  /// Returns true if a file or directory satisfies every criterion except kind and size. Reads its
  /// descriptor and reparse data only if asked for. Throws kCorrupt.
  bool accepts(const ImagePath& path, const FileInfo& info);
  /// Returns true if a file or directory is of one of the kinds and has one of the sizes.
  bool accepts_file(const FileInfo& info) const;
  /// Returns true if alternate streams are asked for, and one of this size.
  bool accepts_streams() const;
  bool accepts_size(std::uint64_t size) const;

 private:
  bool accepts_name(const ImagePath& path) const;
  bool accepts_record(const FileInfo& info) const;
  bool accepts_descriptor(FileId id);
  bool is_accepted_descriptor(ByteView bytes) const;
  bool is(EntryKind kind, const FileInfo& info) const;

  const Image& image_;
  const FindOptions& options_;
  SeededSet<FileId> hard_linked_;
  // Few descriptors belong to many files.
  std::map<std::string, bool> descriptors_;
};

}  // namespace cim
