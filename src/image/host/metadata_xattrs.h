// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Windows metadata as extended attributes of file systems that know nothing about them: what
// extract() writes and create_image() reads with the option `metadata`.
//
//   user.cim.attributes  attribute::k…, an integer of 32 bits; it marks a file that has the others
//   user.cim.times       creation, last write, change, last access: four FILETIMEs
//   user.cim.security    the security descriptor; absent for the default one
//   user.cim.ea          the FILE_FULL_EA_INFORMATION list, if the file has one
//   user.cim.reparse     the reparse buffer, if the file is a reparse point
//
// Integers are little-endian.

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "image/host/host_tree.h"

namespace cim {

/// The prefix of all of them.
inline constexpr std::string_view kMetadataXattrPrefix = "user.cim.";

/// An extended attribute; the name has static storage duration.
struct MetadataXattr {
  std::string_view name;
  Bytes value;
};

/// Returns the attributes that hold the metadata.
std::vector<MetadataXattr> encode_metadata_xattrs(const HostMetadata& metadata);

/// Returns the metadata of a file, of which `value_of` returns the extended attributes; nullopt if
/// it has none of these. Throws kCorrupt, naming the attribute, for values that are not valid.
std::optional<HostMetadata> decode_metadata_xattrs(
    const std::function<std::optional<Bytes>(std::string_view name)>& value_of);

}  // namespace cim
