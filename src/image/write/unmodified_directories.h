// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The directories of the base that a fork still contains and has not modified.

#include <functional>

#include "image/read/image_reader.h"
#include "os/seeded_hash.h"

namespace cim {

class UnmodifiedDirectories {
 public:
  /// `opened` lists the directories of the base that the fork writes itself, `held` all files for
  /// which it writes a name. All three arguments must outlive this object.
  UnmodifiedDirectories(const ImageReader& base, const SeededSet<FileId>& opened,
                        const SeededSet<FileId>& held)
      : base_(base), opened_(opened), held_(held) {}

  using Visitor = std::function<void(FileId, const format::FileRecord&)>;

  /// True if the fork still contains a directory of the base, modified or not.
  bool leads_to(FileId directory) { return is_reached(directory); }

  /// Reads every file table once, and visits every such directory that has names.
  void for_each(const Visitor& visit);

 private:
  bool is_reached(FileId directory);
  bool is_named(FileId directory, FileId parent) const;

  const ImageReader& base_;
  const SeededSet<FileId>& opened_;
  const SeededSet<FileId>& held_;
  SeededMap<FileId, bool> reached_;
};

}  // namespace cim
