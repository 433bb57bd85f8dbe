// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Each value of an entry has one record of go-winio, and some have one of cimlib as well. Records
// of cimlib are used only if they agree with go-winio's, so that no reader sees another file than
// cimlib.
#include "tar/windows_metadata.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "base/printable.h"
#include "base/utf16.h"
#include "os/base64.h"

namespace cim::tar {
namespace {

using namespace record_key;

// An image stores its size in 16 bits.
constexpr std::size_t kMaxDescriptorSize = 65535;

[[noreturn]] void refuse(std::string_view key, std::string_view reason,
                         ErrorCode code = ErrorCode::kCorrupt) {
  throw Error(code, {}, fmt::format("{}: {}", printable(key), reason));
}

FileTime to_file_time(UnixTime time, std::string_view key) {
  const auto result = FileTime::from_unix(time);
  if (!result) {
    refuse(key, "a time that Windows cannot represent");
  }
  return *result;
}

Bytes decode_value(std::string_view key, std::string_view value) {
  auto bytes = decode_base64(value);
  if (!bytes) {
    refuse(key, "not base64");
  }
  return std::move(*bytes);
}

// Calls `action` and adds the record's key to the errors that it throws.
template <typename Action>
auto about(std::string_view key, Action&& action) {
  try {
    return action();
  } catch (const Error& error) {
    const bool is_input = error.code() == ErrorCode::kInvalidArgument;
    refuse(key, error.reason(), is_input ? ErrorCode::kCorrupt : error.code());
  }
}

// Returns the records of extended attributes, sorted by name; of equal names the last one.
std::vector<PaxRecord> attribute_records(const PaxRecords& records) {
  std::vector<PaxRecord> found;
  for (const PaxRecord& record : records.all()) {
    if (record.key.starts_with(kExtendedAttribute)) {
      found.push_back(record);
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const PaxRecord& a, const PaxRecord& b) { return a.key < b.key; });
  // In reverse, the first of equal records is the last of the header.
  const auto kept = std::unique(found.rbegin(), found.rend(),
                                [](const auto& a, const auto& b) { return a.key == b.key; });
  found.erase(found.begin(), kept.base());
  return found;
}

// Returns what other importers make of a link name.
ReparsePoint made_of_link(std::uint32_t tag, std::string_view link) {
  return ReparsePoint::pointing_to(tag, to_wtf8(to_utf16_replacing(link)));
}

}  // namespace

std::optional<std::uint32_t> decode_attributes(const PaxRecords& records) {
  const auto text = records.find(kAttributes);
  if (!text) {
    return std::nullopt;
  }
  const auto value = parse_decimal(*text);
  if (!value || *value > std::numeric_limits<std::uint32_t>::max()) {
    refuse(kAttributes, fmt::format("\"{}\" is not a 32-bit decimal number", printable(*text)));
  }
  return static_cast<std::uint32_t>(*value);
}

FileTimes decode_times(const Entry& entry) {
  FileTimes times;
  times.last_write = to_file_time(entry.mtime, "mtime");
  times.last_access = entry.atime ? to_file_time(*entry.atime, "atime") : times.last_write;
  times.change = entry.ctime ? to_file_time(*entry.ctime, "ctime") : times.last_write;
  times.creation = times.last_write;
  if (const auto text = entry.records->find(kCreationTime)) {
    const auto time = parse_pax_time(*text);
    if (!time) {
      refuse(kCreationTime, fmt::format("\"{}\" is not a time", printable(*text)));
    }
    times.creation = to_file_time(*time, kCreationTime);
  }
  return times;
}

// The text in MSWINDOWS.sd is the older form, which go-winio also reads.
Bytes decode_security_descriptor(const PaxRecords& records) {
  Bytes bytes;
  std::string_view key = kRawDescriptor;
  if (const auto raw = records.find(kRawDescriptor)) {
    bytes = decode_value(kRawDescriptor, *raw);
    if (!bytes.empty()) {
      about(kRawDescriptor, [&] { validate_security_descriptor(bytes); });
    }
  } else if (const auto sddl = records.find(kSddl)) {
    key = kSddl;
    bytes = about(kSddl, [&] { return SecurityDescriptor::from_sddl(*sddl).encode(); });
  }
  if (bytes.size() > kMaxDescriptorSize) {
    refuse(key, "a security descriptor of more than 65535 bytes", ErrorCode::kLimit);
  }
  return bytes;
}

Bytes decode_extended_attributes(const PaxRecords& records) {
  std::vector<ExtendedAttribute> attributes;
  for (const auto& [key, value] : attribute_records(records)) {
    attributes.push_back({.name = std::string(key.substr(kExtendedAttribute.size())),
                          .value = decode_value(key, value)});
  }
  if (const auto own = records.find(kOwnExtendedAttributes)) {
    Bytes list = decode_value(kOwnExtendedAttributes, *own);
    if (!agrees(about(kOwnExtendedAttributes, [&] { return parse_extended_attributes(list); }),
                attributes)) {
      refuse(kOwnExtendedAttributes,
             "extended attributes that differ from those in MSWINDOWS.xattr");
    }
    return list;
  }
  if (attributes.empty()) {
    return {};
  }
  return about("MSWINDOWS.xattr", [&] { return encode_extended_attributes(attributes); });
}

Bytes decode_reparse_data(const Entry& entry) {
  const bool is_mount_point = entry.records->find(kMountPoint).has_value();
  if (const auto own = entry.records->find(kOwnReparseData)) {
    Bytes buffer = decode_value(kOwnReparseData, *own);
    const bool is_same = about(kOwnReparseData, [&] {
      return agrees(ReparsePoint::parse(buffer), entry.link, is_mount_point);
    });
    if (!is_same) {
      refuse(
          kOwnReparseData,
          fmt::format("a link whose reparse data does not lead to \"{}\", the target in the entry",
                      printable(entry.link)));
    }
    return buffer;
  }
  const auto tag = is_mount_point ? reparse_tag::kMountPoint : reparse_tag::kSymlink;
  return about("target", [&] { return made_of_link(tag, entry.link).encode(); });
}

bool can_be_key(std::string_view name) noexcept {
  return name.find('=') == std::string_view::npos;
}

bool agrees(std::span<const ExtendedAttribute> own, std::span<const ExtendedAttribute> said) {
  std::map<std::string_view, std::span<const std::byte>> values;
  for (const ExtendedAttribute& each : own) {
    if (!values.try_emplace(each.name, each.value).second) {
      return false;
    }
  }
  std::erase_if(values, [](const auto& each) { return !can_be_key(each.first); });
  return values.size() == said.size() &&
         std::ranges::all_of(said, [&values](const ExtendedAttribute& each) {
           const auto value = values.find(each.name);
           return value != values.end() && equal(value->second, each.value);
         });
}

bool agrees(const ReparsePoint& own, std::string_view link, bool is_mount_point) {
  if (!own.has_names()) {
    return link.empty() && !is_mount_point;
  }
  if ((own.tag == reparse_tag::kMountPoint) != is_mount_point) {
    return false;
  }
  const ReparsePoint made = made_of_link(own.tag, link);
  return own.substitute_name == made.substitute_name && own.is_relative == made.is_relative &&
         (own.print_name.empty() || own.print_name == made.print_name);
}

}  // namespace cim::tar
