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
    if (entry.length > bytes_left) {
      ++context_.report.unverified_objects;
      context_.report.unverified_bytes += entry.length;
      continue;
    }
    bytes_left -= entry.length;
    if (has_digest(region, entry)) {
      ++match_count_;
      continue;
    }
    ++mismatch_count_;
    mismatch_bytes_ += entry.length;
    if (mismatches_.size() < context_.options.max_findings) {
      mismatches_.push_back(
          {&region, entry.offset, entry.length, claim != nullptr ? claim->id : 0});
    }
  }
}

bool ObjectChecker::has_digest(const CheckedRegion& region, const format::ObjectIdEntry& entry) {
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
  const Sha256Digest digest = hash_.finish();
  ++context_.report.verified_objects;
  context_.report.verified_bytes += entry.length;
  return std::ranges::equal(entry.digest, std::span(digest).first(entry.digest.size()));
}

void ObjectChecker::end_set(const CheckedRegion& last) {
  // The digest that other writers use is not documented: if none matches, it is a different one.
  if (match_count_ == 0 && mismatch_count_ != 0) {
    context_.findings.add(Kind::kObjectDigestOther, last.path,
                          fmt::format("none of the {} objects of region set {} matches its digest; "
                                      "it may have been written with another digest",
                                      mismatch_count_, last.set.to_string()));
    context_.report.verified_objects -= std::min(context_.report.verified_objects, mismatch_count_);
    context_.report.verified_bytes -= std::min(context_.report.verified_bytes, mismatch_bytes_);
    context_.report.unverified_objects += mismatch_count_;
    context_.report.unverified_bytes += mismatch_bytes_;
  } else {
    for (const Mismatch& mismatch : mismatches_) {
      context_.findings.add(
          Kind::kObjectDigest, Spot{&mismatch.region->path, mismatch.offset, mismatch.id},
          fmt::format("the {} bytes of this object do not match its digest", mismatch.length));
    }
  }
  if (without_ids_.count != 0) {
    context_.findings.add(
        Kind::kObjectsUnverified, last.path,
        fmt::format(
            "{} data objects ({} bytes) of region set {} have no object ids to verify them with",
            without_ids_.count, without_ids_.bytes, last.set.to_string()));
  }
  mismatches_.clear();
  mismatch_count_ = 0;
  mismatch_bytes_ = 0;
  match_count_ = 0;
  without_ids_ = {};
}

}  // namespace cim::image_check
