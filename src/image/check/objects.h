// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Deep checks of a region: that the bytes of objects match their digests, that objects do not
// overlap, and that every byte belongs to an object.

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/xxh3.h"
#include "image/check/context.h"
#include "image/check/object_ids.h"

namespace cim::image_check {

/// Objects that cannot be verified because their id is missing or of an unknown kind.
struct UnverifiableObjects {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;

  void add(std::uint64_t size) {
    ++count;
    bytes += size;
  }
};

/// Looks for objects that overlap and, in the image's own regions, for unused objects and for bytes
/// outside all objects. `claims` are all claims in the region, sorted by offset.
UnverifiableObjects check_coverage(const CheckedRegion& region, std::span<const Claim> claims,
                                   CheckedObjectIds ids, Context& context);

/// Runs the deep checks of one region after another.
class ObjectChecker {
 public:
  explicit ObjectChecker(Context& context);

  /// `claims` are all claims in the region, sorted by offset; `ids` are the region's object ids.
  void check(const CheckedRegion& region, std::span<const Claim> claims, CheckedObjectIds ids);

  /// Reports what could not be verified, after all regions of a set have been checked.
  void end_set(const CheckedRegion& last);

 private:
  void check_digests(const CheckedRegion& region, std::span<const Claim> claims,
                     std::span<const format::ObjectIdEntry> entries);
  bool has_id(const CheckedRegion& region, const format::ObjectIdEntry& entry);
  void report_progress(const CheckedRegion& region, std::uint64_t bytes);

  Context& context_;
  Xxh3 hash_;
  Bytes buffer_;
  std::uint64_t bytes_done_ = 0;
  std::uint64_t bytes_total_ = 0;
  UnverifiableObjects of_unknown_kind_;  // of the current set, as is the next
  UnverifiableObjects without_ids_;      // for missing or unreadable object id files
};

}  // namespace cim::image_check
