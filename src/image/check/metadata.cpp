// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/metadata.h"

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "base/endian.h"

namespace cim::image_check {

std::optional<Bytes> MetadataChecker::read_sized(format::RegionOffset offset, ObjectKind kind,
                                                 std::string_view what, const Spot& spot) {
  Le16 size;
  if (!context_.regions.read(offset, std::as_writable_bytes(std::span(&size, 1)), what, spot)) {
    return std::nullopt;
  }
  auto bytes = context_.regions.read(offset, sizeof size + std::uint64_t{size}, what, spot);
  if (bytes) {
    context_.regions.check_metadata_place(offset, what, spot);
    context_.claim(offset, bytes->size(), kind, spot.id);
    bytes->erase(bytes->begin(), bytes->begin() + sizeof size);
  }
  return bytes;
}

void MetadataChecker::check_descriptor(format::RegionOffset offset, const Spot& spot) {
  if (offset.is_absent()) {
    context_.findings.add(Kind::kDescriptorMissing, spot, "there is no security descriptor");
    return;
  }
  if (!known_descriptors_.insert(offset.raw()).second) {
    return;
  }
  const auto bytes = read_sized(offset, ObjectKind::kDescriptor, "the security descriptor", spot);
  if (!bytes) {
    return;
  }
  try {
    validate_security_descriptor(*bytes);
  } catch (const Error& error) {
    context_.findings.add(Kind::kDescriptorBroken, context_.regions.spot(offset, spot.id),
                          fmt::format("the security descriptor: {}", error.reason()));
  }
}

void MetadataChecker::check_attributes(format::RegionOffset offset, std::uint16_t length,
                                       const Spot& spot) {
  if (offset.is_absent() != (length == 0)) {
    context_.findings.add(
        Kind::kAttributesMismatch, spot,
        offset.is_absent() ? fmt::format("{} bytes of extended attributes have no offset", length)
                           : "extended attributes of 0 bytes have an offset");
    return;
  }
  if (offset.is_absent() || !known_attributes_.emplace(offset.raw(), length).second) {
    return;
  }
  constexpr std::string_view kWhat = "the list of extended attributes";
  const auto bytes = context_.regions.read(offset, length, kWhat, spot);
  if (!bytes) {
    return;
  }
  context_.regions.check_metadata_place(offset, kWhat, spot);
  context_.claim(offset, length, ObjectKind::kAttributes, spot.id);
  try {
    parse_extended_attributes(*bytes);
  } catch (const Error& error) {
    context_.findings.add(Kind::kAttributesBroken, context_.regions.spot(offset, spot.id),
                          fmt::format("extended attributes: {}", error.reason()));
  }
}

void MetadataChecker::check_reparse(format::RegionOffset offset, std::uint32_t tag,
                                    const Spot& spot) {
  if (offset.is_absent() != (tag == 0)) {
    context_.findings.add(Kind::kReparseMismatch, spot,
                          tag == 0 ? "there is reparse data, but no tag"
                                   : fmt::format("there is reparse tag {:#x}, but no data", tag));
  }
  if (offset.is_absent()) {
    return;
  }
  const auto [known, is_new] = known_tags_.try_emplace(offset.raw());
  if (is_new) {
    known->second = tag_of(offset, spot);
  }
  if (known->second && tag != 0 && *known->second != tag) {
    context_.findings.add(Kind::kReparseTag, spot,
                          fmt::format("the record has reparse tag {:#x}, but the data has {:#x}",
                                      tag, *known->second));
  }
}

// Returns the tag of valid reparse data; nullopt after a finding.
std::optional<std::uint32_t> MetadataChecker::tag_of(format::RegionOffset offset,
                                                     const Spot& spot) {
  const auto bytes = read_sized(offset, ObjectKind::kReparseData, "the reparse data", spot);
  if (!bytes) {
    return std::nullopt;
  }
  try {
    const std::uint32_t tag = parse_reparse_tag(*bytes);
    ReparsePoint::parse(*bytes);
    return tag;
  } catch (const Error& error) {
    context_.findings.add(Kind::kReparseBroken, context_.regions.spot(offset, spot.id),
                          fmt::format("the reparse data: {}", error.reason()));
    return std::nullopt;
  }
}

}  // namespace cim::image_check
