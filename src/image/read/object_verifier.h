// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Compares contents with the object ids that the writer of an image left beside its regions.

#include <cstdint>
#include <vector>

#include "base/xxh3.h"
#include "format/header.h"
#include "image/read/image_reader.h"
#include "os/seeded_hash.h"

namespace cim {

/// Verifies streams, each object once. The ids of a region are read when its first object is
/// verified and need 40 bytes per object. For one thread.
class ObjectVerifier {
 public:
  /// `image` must outlive this object.
  explicit ObjectVerifier(const ImageReader& image);

  /// Throws kCorrupt if bytes of the stream do not match their object id, and what reading them
  /// throws. Bytes without an id that can be read and has a known kind are not verified: images of
  /// other writers need not have any.
  void verify(const Stream& stream);

 private:
  struct RegionIds {
    std::vector<format::ObjectIdEntry> entries{};  // sorted by offset
    std::uint64_t bytes_left = 0;                  // to be read at most, since objects may overlap
  };

  RegionIds& ids_of(std::uint32_t region);
  RegionIds read_ids(std::uint32_t region) const;
  std::vector<Extent> parts_of(const Stream& stream, std::uint32_t region,
                               const format::ObjectIdEntry& entry) const;
  void hash(const OpenRegion& file, std::uint64_t offset, std::uint64_t size);
  void hash_zeros(std::uint64_t size);
  bool matches(std::uint32_t region, const format::ObjectIdEntry& entry, const Stream& stream);

  const ImageReader& image_;
  SeededMap<std::uint32_t, RegionIds> ids_;
  SeededMap<std::uint64_t, bool> verified_;  // by the offset of the object
  Xxh3 hash_;
  Bytes buffer_;
};

}  // namespace cim
