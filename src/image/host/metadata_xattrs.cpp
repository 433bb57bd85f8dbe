// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/host/metadata_xattrs.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "cimlib/attributes.h"
#include "cimlib/error.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "base/endian.h"

namespace cim {
namespace {

constexpr std::string_view kAttributesXattr = "user.cim.attributes";
constexpr std::string_view kTimesXattr = "user.cim.times";
constexpr std::string_view kSecurityXattr = "user.cim.security";
constexpr std::string_view kEaXattr = "user.cim.ea";
constexpr std::string_view kReparseXattr = "user.cim.reparse";

template <typename Stored, typename Integer, std::size_t Count>
Bytes bytes_of_integers(const std::array<Integer, Count>& values) {
  std::array<Stored, Count> stored;
  std::ranges::copy(values, stored.begin());
  const ByteView bytes = std::as_bytes(std::span(stored));
  return {bytes.begin(), bytes.end()};
}

template <typename Stored, std::size_t Count>
std::array<Stored, Count> integers_of(ByteView value) {
  std::array<Stored, Count> integers{};
  if (value.size() != sizeof integers) {
    throw Error(ErrorCode::kCorrupt, {},
                fmt::format("has {} bytes, not {}", value.size(), sizeof integers));
  }
  std::memcpy(integers.data(), value.data(), sizeof integers);
  return integers;
}

class XattrReader {
 public:
  explicit XattrReader(const std::function<std::optional<Bytes>(std::string_view)>& value_of)
      : value_of_(value_of) {}

  /// Passes the value to `take`, if there is one; returns whether there is.
  template <typename Take>
  bool read(std::string_view name, const Take& take) const {
    auto value = value_of_(name);
    if (!value) {
      return false;
    }
    try {
      take(std::move(*value));
    } catch (const Error& error) {
      throw Error(ErrorCode::kCorrupt, {}, fmt::format("{}: {}", name, error.reason()));
    }
    return true;
  }

 private:
  const std::function<std::optional<Bytes>(std::string_view)>& value_of_;
};

void read_buffers(const XattrReader& reader, HostMetadata& metadata) {
  reader.read(kSecurityXattr, [&](Bytes value) {
    validate_security_descriptor(value);
    metadata.security_descriptor = std::move(value);
  });
  reader.read(kEaXattr, [&](Bytes value) {
    parse_extended_attributes(value);
    metadata.extended_attributes = std::move(value);
  });
  reader.read(kReparseXattr, [&](Bytes value) {
    parse_reparse_tag(value);
    metadata.reparse_data = std::move(value);
  });
}

}  // namespace

std::vector<MetadataXattr> encode_metadata_xattrs(const HostMetadata& metadata) {
  const FileTimes& times = metadata.times;
  std::vector<MetadataXattr> xattrs;
  xattrs.push_back({kAttributesXattr, bytes_of_integers<Le32>(std::array<std::uint32_t, 1>{
                                          metadata.attributes & attribute::kStoredAttributes})});
  xattrs.push_back({kTimesXattr, bytes_of_integers<Le64>(std::array<std::uint64_t, 4>{
                                     times.creation.ticks, times.last_write.ticks,
                                     times.change.ticks, times.last_access.ticks})});
  // An empty one stands for the default one too.
  if (!metadata.security_descriptor.empty() &&
      !equal(metadata.security_descriptor, kDefaultSecurityDescriptor)) {
    xattrs.push_back({kSecurityXattr, metadata.security_descriptor});
  }
  if (!metadata.extended_attributes.empty()) {
    xattrs.push_back({kEaXattr, metadata.extended_attributes});
  }
  if (!metadata.reparse_data.empty()) {
    xattrs.push_back({kReparseXattr, metadata.reparse_data});
  }
  return xattrs;
}

std::optional<HostMetadata> decode_metadata_xattrs(
    const std::function<std::optional<Bytes>(std::string_view name)>& value_of) {
  const XattrReader reader(value_of);
  HostMetadata metadata;
  const bool is_there = reader.read(kAttributesXattr, [&](const Bytes& value) {
    metadata.attributes = integers_of<Le32, 1>(value)[0];
  });
  if (!is_there) {
    return std::nullopt;
  }
  if (!reader.read(kTimesXattr, [&](const Bytes& value) {
        const auto times = integers_of<Le64, 4>(value);
        metadata.times = {.creation = {times[0]},
                          .last_write = {times[1]},
                          .change = {times[2]},
                          .last_access = {times[3]}};
      })) {
    throw Error(ErrorCode::kCorrupt, {}, fmt::format("{} is missing", kTimesXattr));
  }
  read_buffers(reader, metadata);
  return metadata;
}

}  // namespace cim
