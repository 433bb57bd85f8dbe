// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Deep checks of a region: that the bytes of objects match their digests, that objects do not
// overlap, and that every byte belongs to an object.

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "image/check/context.h"
#include "image/check/object_ids.h"
#include "os/crypto.h"

namespace cim::image_check {

/// Objects that cannot be verified because they have no object id.
struct UnverifiableObjects {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};

/// Looks for objects that overlap and, in the image's own regions, for unused objects and for bytes
/// outside all objects. `claims` are all claims in the region, sorted by offset.
UnverifiableObjects check_coverage(const CheckedRegion& region, std::span<const Claim> claims,
                                   CheckedObjectIds ids, Context& context);

/// Runs the deep checks of one region after another. Mismatches are held back until the end of a
/// region set, because a set may have been written with an unknown digest.
class ObjectChecker {
 public:
  explicit ObjectChecker(Context& context);

  /// `claims` are all claims in the region, sorted by offset; `ids` are the region's object ids.
  void check(const CheckedRegion& region, std::span<const Claim> claims, CheckedObjectIds ids);

  /// Reports wrong digests and objects without ids, after all regions of a set have been checked.
  void end_set(const CheckedRegion& last);

 private:
  /// An object whose bytes do not have its digest.
  struct Mismatch {
    const CheckedRegion* region;
    std::uint64_t offset;
    std::uint64_t length;
    FileId id;
  };

  void check_digests(const CheckedRegion& region, std::span<const Claim> claims,
                     std::span<const format::ObjectIdEntry> entries);
  bool has_digest(const CheckedRegion& region, const format::ObjectIdEntry& entry);
  void report_progress(const CheckedRegion& region, std::uint64_t bytes);

  Context& context_;
  Sha256 hash_;
  Bytes buffer_;
  std::uint64_t bytes_done_ = 0;
  std::uint64_t bytes_total_ = 0;
  std::vector<Mismatch> mismatches_;  // of the current set
  std::uint64_t mismatch_count_ = 0;
  std::uint64_t mismatch_bytes_ = 0;
  std::uint64_t match_count_ = 0;
  UnverifiableObjects without_ids_;  // for missing or unreadable object id files
};

}  // namespace cim::image_check
