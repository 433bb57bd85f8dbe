// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// On NTFS, through ntfs-3g or a mounted image, a file has all metadata of Windows as extended
// attributes. On any other file system there are times and permissions, from which attributes are
// derived.
#include "image/host/host_metadata.h"

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cimlib/attributes.h"
#include "cimlib/error.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "base/endian.h"
#include "image/host/metadata_xattrs.h"
#include "ntfs/ntfs_3g.h"

namespace cim {
namespace {

// The names of the attributes that have NTFS metadata. Integers are in the byte order of this
// machine in those of ntfs-3g and little-endian in the others.
struct XattrNames {
  std::string attributes;
  std::string times;
  std::string acl;
  std::string extended_attributes;
  std::string reparse_data;
  bool is_little_endian = false;
};

XattrNames live_names() {
  return {.attributes = std::string(ntfs_xattr::kAttributes),
          .times = std::string(ntfs_xattr::kTimes),
          .acl = std::string(ntfs_xattr::kAcl),
          .extended_attributes = std::string(ntfs_xattr::kExtendedAttributes),
          .reparse_data = std::string(ntfs_xattr::kReparseData)};
}

// Linux allows no user attributes on links.
XattrNames stored_names(HostKind kind) {
  const auto named = [&](std::string_view name) {
    return std::string(kind == HostKind::kSymlink ? "trusted." : "user.").append(name);
  };
  return {.attributes = named(stored_ntfs_xattr::kAttributes),
          .times = named(stored_ntfs_xattr::kTimes),
          .acl = named(stored_ntfs_xattr::kAcl),
          .extended_attributes = named(stored_ntfs_xattr::kExtendedAttributes),
          .reparse_data = named(stored_ntfs_xattr::kReparseData),
          .is_little_endian = true};
}

// Reads NTFS metadata from extended attributes.
class NtfsMetadata {
 public:
  NtfsMetadata(const HostEntry& entry, XattrNames names)
      : entry_(entry), names_(std::move(names)) {}

  // Files on NTFS always have attributes.
  std::optional<HostMetadata> read() {
    const auto attributes = entry_.xattr(names_.attributes);
    if (!attributes) {
      return std::nullopt;
    }
    HostMetadata metadata;
    metadata.attributes = integers<std::uint32_t, 1>(*attributes, names_.attributes)[0];
    if (const auto value = entry_.xattr(names_.times)) {
      const auto times = integers<std::uint64_t, 4>(*value, names_.times);
      metadata.times = {.creation = {times[0]},
                        .last_write = {times[1]},
                        .change = {times[3]},
                        .last_access = {times[2]}};
    }
    metadata.security_descriptor =
        checked(names_.acl, [](ByteView bytes) { validate_security_descriptor(bytes); });
    metadata.extended_attributes = checked(names_.extended_attributes, [](Bytes& list) {
      list = ea_list_of_volume(list);
      parse_extended_attributes(list);
    });
    metadata.reparse_data =
        checked(names_.reparse_data, [](ByteView bytes) { parse_reparse_tag(bytes); });
    return metadata;
  }

 private:
  [[noreturn]] void fail(std::string_view name, std::string_view reason) const {
    throw Error(ErrorCode::kCorrupt, entry_.path(), fmt::format("{}: {}", name, reason));
  }

  template <typename Integer, std::size_t Count>
  std::array<Integer, Count> integers(ByteView value, std::string_view name) const {
    std::array<Integer, Count> numbers{};
    if (value.size() != sizeof numbers) {
      fail(name, fmt::format("has {} bytes, not {}", value.size(), sizeof numbers));
    }
    for (std::size_t i = 0; i < Count; ++i) {
      const ByteView bytes = value.subspan(i * sizeof(Integer), sizeof(Integer));
      if (names_.is_little_endian) {
        LittleEndian<Integer> stored;
        std::memcpy(&stored, bytes.data(), sizeof stored);
        numbers[i] = stored;
      } else {
        std::memcpy(&numbers[i], bytes.data(), sizeof(Integer));
      }
    }
    return numbers;
  }

  /// `check` may also convert the value to the form used in images.
  template <typename Check>
  Bytes checked(std::string_view name, Check check) const {
    Bytes value = entry_.xattr(name).value_or(Bytes{});
    try {
      if (!value.empty()) {
        check(value);
      }
    } catch (const Error& error) {
      fail(name, error.reason());
    }
    return value;
  }

  const HostEntry& entry_;
  XattrNames names_;
};

std::optional<HostMetadata> own_metadata(const HostEntry& entry) {
  try {
    return decode_metadata_xattrs([&](std::string_view name) { return entry.xattr(name); });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCorrupt) {
      throw;
    }
    throw Error(error.code(), entry.path(), error.reason());
  }
}

}  // namespace

std::optional<HostMetadata> ntfs_metadata_of(const HostEntry& entry) {
  return NtfsMetadata(entry, live_names()).read();
}

std::optional<HostMetadata> stored_ntfs_metadata_of(const HostEntry& entry) {
  return NtfsMetadata(entry, stored_names(entry.kind())).read();
}

HostMetadata metadata_of(const HostEntry& entry, TimesOfFiles which, OwnXattrs own) {
  HostMetadata metadata;
  if (auto ntfs = ntfs_metadata_of(entry)) {
    metadata = *std::move(ntfs);
  } else if (auto written = own == OwnXattrs::kRead ? own_metadata(entry) : std::nullopt) {
    metadata = *std::move(written);
  } else {
    metadata.times = entry.times(which);
    if (entry.kind() == HostKind::kFile) {
      metadata.attributes = attribute::kArchive;
      metadata.attributes |= entry.is_writable() ? 0 : attribute::kReadOnly;
      metadata.attributes |= entry.has_holes() ? attribute::kSparseFile : 0;
    }
  }
  if (entry.kind() == HostKind::kDirectory) {
    metadata.attributes |= attribute::kDirectory;
  }
  return metadata;
}

}  // namespace cim
