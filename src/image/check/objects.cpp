// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/objects.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace cim::image_check {
namespace {

constexpr std::size_t kReadSize = std::size_t{1} << 20;

// Returns the claim for an entry of that place and length, or null.
const Claim* claim_of(const format::ObjectIdEntry& entry, std::span<const Claim> claims) {
  const auto found = std::ranges::lower_bound(
      claims, std::tuple(entry.offset, entry.length), {},
      [](const Claim& claim) { return std::tuple(claim.offset.byte_offset(), claim.length); });
  const bool is_same = found != claims.end() && found->offset.byte_offset() == entry.offset &&
                       found->length == entry.length;
  return is_same ? &*found : nullptr;
}

}  // namespace

ObjectChecker::ObjectChecker(Context& context) : context_(context), buffer_(kReadSize) {
  for (const CheckedRegion& region : context.regions.all()) {
    bytes_total_ += region.is_readable ? region.size : 0;
  }
}

void ObjectChecker::check(const CheckedRegion& region, std::span<const Claim> claims,
                          CheckedObjectIds ids) {
  const std::uint64_t done_before = bytes_done_;
  check_digests(region, claims, ids.entries);
  const bool has_ids = ids.is_readable;
  const UnverifiableObjects left = check_coverage(region, claims, std::move(ids), context_);
  context_.report.unverified_objects += left.count;
  context_.report.unverified_bytes += left.bytes;
  if (!has_ids) {
    without_ids_.count += left.count;
    without_ids_.bytes += left.bytes;
  }
  bytes_done_ = done_before;
  report_progress(region, region.size);
}

void ObjectChecker::report_progress(const CheckedRegion& region, std::uint64_t bytes) {
  bytes_done_ = std::min(bytes_done_ + bytes, bytes_total_);
  if (context_.options.progress) {
    const std::string name = region.path.filename().string();
    context_.options.progress({.bytes_done = bytes_done_,
                               .bytes_total = bytes_total_,
                               .entries_done = context_.report.verified_objects,
                               .current = name});
  }
}

// Checks all objects of the image's own regions, and of its ancestors' regions those that the image
// uses.
void ObjectChecker::check_digests(const CheckedRegion& region, std::span<const Claim> claims,
                                  std::span<const format::ObjectIdEntry> entries) {
  // Objects that do not overlap have no more bytes than the region; if they overlap, reading them
  // could take almost unlimited time.
  std::uint64_t bytes_left = region.size + region.size / 2;
  for (const format::ObjectIdEntry& entry : entries) {
    const Claim* const claim = claim_of(entry, claims);
    if (claim == nullptr && !region.is_own) {
      continue;
    }
    if (!format::has_known_kind(entry.id)) {
      of_unknown_kind_.add(entry.length);
      continue;
    }
    if (entry.length > bytes_left) {
      ++context_.report.unverified_objects;
      context_.report.unverified_bytes += entry.length;
      continue;
    }
    bytes_left -= entry.length;
    if (!has_id(region, entry)) {
      context_.findings.add(
          Kind::kObjectDigest, Spot{&region.path, entry.offset, claim != nullptr ? claim->id : 0},
          fmt::format("the {} bytes of this object do not match its digest", entry.length));
    }
  }
}

bool ObjectChecker::has_id(const CheckedRegion& region, const format::ObjectIdEntry& entry) {
  for (std::uint64_t done = 0; done < entry.length;) {
    context_.stop_if_asked();
    const auto piece = std::span(buffer_).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), entry.length - done)));
    if (!context_.regions.read_raw(region, entry.offset + done, piece)) {
      static_cast<void>(hash_.finish());
      return false;
    }
    hash_.update(piece);
    done += piece.size();
    report_progress(region, piece.size());
  }
  ++context_.report.verified_objects;
  context_.report.verified_bytes += entry.length;
  return format::object_id(hash_.finish()) == entry.id;
}

void ObjectChecker::end_set(const CheckedRegion& last) {
  // Which ids other writers use is not documented.
  if (of_unknown_kind_.count != 0) {
    context_.findings.add(
        Kind::kObjectDigestOther, last.path,
        fmt::format("object ids of an unknown kind: {} objects ({} bytes) of region set {} are not "
                    "verified",
                    of_unknown_kind_.count, of_unknown_kind_.bytes, last.set.to_string()));
    context_.report.unverified_objects += of_unknown_kind_.count;
    context_.report.unverified_bytes += of_unknown_kind_.bytes;
  }
  if (without_ids_.count != 0) {
    context_.findings.add(
        Kind::kObjectsUnverified, last.path,
        fmt::format(
            "{} data objects ({} bytes) of region set {} have no object ids to verify them with",
            without_ids_.count, without_ids_.bytes, last.set.to_string()));
  }
  of_unknown_kind_ = {};
  without_ids_ = {};
}

}  // namespace cim::image_check
