// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The state shared by the parts of a check.

#include <cstdint>
#include <vector>

#include "cimlib/check.h"
#include "cimlib/error.h"

#include "format/region_offset.h"
#include "image/check/findings.h"
#include "image/check/regions.h"
#include "image/read/region_locator.h"

namespace cim::image_check {

/// The kind of an object in an image.
enum class ObjectKind : std::uint8_t {
  kFilesystem,
  kUpcaseTable,
  kFileTables,
  kFileTable,
  kDirectory,
  kStreamTable,
  kDescriptor,
  kAttributes,
  kReparseData,
  kPeDescriptor,
  kPeData,
  kData,
  kIdentified,  ///< known only by its object id
};

/// A reference to an object, and thereby a claim to its bytes.
struct Claim {
  format::RegionOffset offset;
  std::uint64_t length = 0;
  FileId id = 0;
  ObjectKind kind = ObjectKind::kIdentified;

  std::uint64_t end() const noexcept { return offset.byte_offset() + length; }
};

/// The inputs and outputs of one check. All references outlive the parts that use it.
struct Context {
  const std::filesystem::path& image;
  const CheckOptions& options;
  CheckReport& report;
  Findings& findings;
  CheckedRegions& regions;
  const RegionLocator& locator;
  bool has_ancestors = false;
  std::vector<Claim> claims{};  ///< only in deep checks, and only for objects within a region

  bool is_deep() const noexcept { return options.depth == CheckDepth::kDeep; }

  void claim(format::RegionOffset offset, std::uint64_t length, ObjectKind kind, FileId id = 0) {
    if (is_deep() && length != 0) {
      claims.push_back({offset, length, id, kind});
    }
  }

  void stop_if_asked() const {
    if (options.stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, image.string(), "stopped");
    }
  }
};

}  // namespace cim::image_check
