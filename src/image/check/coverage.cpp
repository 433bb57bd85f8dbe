// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/bytes.h"
#include "image/check/objects.h"

namespace cim::image_check {
namespace {

constexpr std::array<std::string_view, 13> kStructureNames = {
    "the filesystem object",
    "the upcase table",
    "the directory of file tables",
    "a file table",
    "a directory",
    "a table of streams",
    "a security descriptor",
    "extended attributes",
    "reparse data",
    "a PE descriptor",
    "an expanded executable",
    "data",
    "an object listed by its id",
};

bool is_data(ObjectKind kind) {
  return kind == ObjectKind::kData || kind == ObjectKind::kPeData;
}

// Number and size of some objects, and the offset of the first.
struct Tally {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  std::uint64_t first = 0;

  void add(std::uint64_t offset, std::uint64_t length) {
    first = count == 0 ? offset : first;
    ++count;
    bytes += length;
  }
};

// Passes once over all objects of a region in the order of their offsets, and compares each with
// the one that extends furthest so far.
class Coverage {
 public:
  Coverage(const CheckedRegion& region, Context& context)
      : region_(region), context_(context), covered_(format::kRegionHeaderSize) {}

  // Objects that are used and objects that are listed by id are merged into one sorted list.
  UnverifiableObjects check(std::span<const Claim> claims, CheckedObjectIds ids) {
    has_ids_ = ids.is_readable;
    std::vector<Claim> all(claims.begin(), claims.end());
    all.reserve(claims.size() + ids.entries.size());
    for (const format::ObjectIdEntry& entry : ids.entries) {
      all.push_back(
          {format::RegionOffset(0, entry.offset), entry.length, 0, ObjectKind::kIdentified});
    }
    ids.entries = {};
    std::ranges::sort(all, [](const Claim& a, const Claim& b) {
      return std::tuple(a.offset.byte_offset(), a.length) <
             std::tuple(b.offset.byte_offset(), b.length);
    });
    for (auto next = all.cbegin(); next != all.cend();) {
      next = take_object(next, all.cend());
    }
    check_gap(region_.size);
    report(claims.empty());
    return {unidentified_.count, unidentified_.bytes};
  }

 private:
  using Iterator = std::vector<Claim>::const_iterator;

  // Takes all claims of the same bytes as one object.
  Iterator take_object(Iterator next, Iterator end) {
    const Claim* used = nullptr;
    bool is_identified = false;
    Iterator last = next;
    for (; last != end && last->offset.byte_offset() == next->offset.byte_offset() &&
           last->length == next->length;
         ++last) {
      if (last->kind == ObjectKind::kIdentified) {
        is_identified = true;
      } else if (used == nullptr || is_data(last->kind)) {
        used = &*last;
      }
    }
    const Claim& object = used != nullptr ? *used : *next;
    check_gap(object.offset.byte_offset());
    check_overlap(object, is_identified);
    if (used == nullptr) {
      orphans_.add(object.offset.byte_offset(), object.length);
    } else if (!is_identified && is_data(used->kind)) {
      unidentified_.add(object.offset.byte_offset(), object.length);
    }
    if (object.end() > covered_ || !owner_) {
      owner_ = object;
      is_owner_identified_ = is_identified;
      is_owner_reported_ = false;
    }
    covered_ = std::max(covered_, object.end());
    return last;
  }

  // Reports an object at most once. If both objects are only listed by id, an ancestor's region is
  // not reported, since this image does not use them.
  void check_overlap(const Claim& object, bool is_identified) {
    if (!owner_ || object.offset.byte_offset() >= owner_->end()) {
      return;
    }
    const bool is_used =
        object.kind != ObjectKind::kIdentified || owner_->kind != ObjectKind::kIdentified;
    if ((!is_used && !region_.is_own) || std::exchange(is_owner_reported_, true)) {
      return;
    }
    const Spot spot = {&region_.path, object.offset.byte_offset(),
                       object.id != 0 ? object.id : owner_->id};
    const bool is_other_size = object.offset.byte_offset() == owner_->offset.byte_offset() &&
                               is_identified != is_owner_identified_;
    const std::string both =
        fmt::format("{} of {} bytes at byte {} and {} of {} bytes", name(*owner_), owner_->length,
                    owner_->offset.byte_offset(), name(object), object.length);
    if (is_other_size) {
      context_.findings.add(Kind::kObjectSize, spot, fmt::format("{} are the same object", both));
    } else {
      context_.findings.add(Kind::kObjectOverlap, spot, fmt::format("{} overlap", both));
    }
  }

  static std::string name(const Claim& claim) {
    const std::string_view kind = kStructureNames[static_cast<std::size_t>(claim.kind)];
    return claim.id == 0 ? std::string(kind) : fmt::format("{} of file {}", kind, claim.id);
  }

  // Checks the bytes from the end of all objects so far up to `end`.
  void check_gap(std::uint64_t end) {
    if (!region_.is_own || stray_ != 0 || end <= covered_) {
      return;
    }
    for (std::uint64_t at = covered_; at < end;) {
      const auto piece = std::span(buffer_).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), end - at)));
      if (!context_.regions.read_raw(region_, at, piece)) {
        return;
      }
      const auto found = std::ranges::find_if(piece, [](std::byte b) { return b != std::byte{0}; });
      if (found != piece.end()) {
        stray_ = at + static_cast<std::uint64_t>(found - piece.begin());
        context_.findings.add(
            Kind::kStrayBytes, Spot{&region_.path, stray_},
            fmt::format("the bytes from {} to {} are not zero and belong to no object", covered_,
                        end));
        return;
      }
      at += piece.size();
    }
  }

  void report(bool is_unused) {
    if (region_.is_own && orphans_.count != 0) {
      context_.findings.add(Kind::kObjectsOrphaned, Spot{&region_.path, orphans_.first},
                            fmt::format("{} objects ({} bytes) are unused; this is the first",
                                        orphans_.count, orphans_.bytes));
    }
    if (region_.is_own && has_ids_ && unidentified_.count != 0) {
      context_.findings.add(
          Kind::kObjectWithoutId, Spot{&region_.path, unidentified_.first},
          fmt::format("{} data objects ({} bytes) have no object id; this is the first",
                      unidentified_.count, unidentified_.bytes));
    }
    if (is_unused && region_.size > kPageSize) {
      context_.findings.add(Kind::kRegionUnused, region_.path,
                            "nothing in the image uses this region");
    }
  }

  const CheckedRegion& region_;
  Context& context_;
  std::array<std::byte, 65536> buffer_{};
  std::uint64_t covered_;       // the end of all objects so far
  std::optional<Claim> owner_;  // the object that ends there
  bool is_owner_identified_ = false;
  bool is_owner_reported_ = false;
  bool has_ids_ = false;
  std::uint64_t stray_ = 0;  // the first byte outside all objects; only one is reported
  Tally orphans_;
  Tally unidentified_;
};

}  // namespace

UnverifiableObjects check_coverage(const CheckedRegion& region, std::span<const Claim> claims,
                                   CheckedObjectIds ids, Context& context) {
  return Coverage(region, context).check(claims, std::move(ids));
}

}  // namespace cim::image_check
