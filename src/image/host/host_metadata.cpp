// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// On NTFS, through ntfs-3g or a mounted image, a file has all metadata of Windows as extended
// attributes. On any other file system there are times and permissions, from which attributes are
// derived.
#include "image/host/host_metadata.h"

#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cimlib/attributes.h"
#include "cimlib/error.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "image/host/metadata_xattrs.h"
#include "ntfs/ntfs_3g.h"

namespace cim {
namespace {

// Reads what ntfs-3g and the mounts of cimlib show of NTFS as extended attributes.
class NtfsMetadata {
 public:
  explicit NtfsMetadata(const HostEntry& entry) : entry_(entry) {}

  // Files on NTFS always have attributes.
  bool is_there() {
    const auto value = entry_.xattr(ntfs_xattr::kAttributes);
    if (value) {
      metadata_.attributes = integers<std::uint32_t, 1>(*value, ntfs_xattr::kAttributes)[0];
    }
    return value.has_value();
  }

  HostMetadata read() {
    if (const auto value = entry_.xattr(ntfs_xattr::kTimes)) {
      const auto times = integers<std::uint64_t, 4>(*value, ntfs_xattr::kTimes);
      metadata_.times = {.creation = {times[0]},
                         .last_write = {times[1]},
                         .change = {times[3]},
                         .last_access = {times[2]}};
    }
    metadata_.security_descriptor =
        checked(ntfs_xattr::kAcl, [](ByteView bytes) { validate_security_descriptor(bytes); });
    metadata_.extended_attributes = checked(ntfs_xattr::kExtendedAttributes, [](Bytes& list) {
      list = ea_list_of_volume(list);
      parse_extended_attributes(list);
    });
    metadata_.reparse_data =
        checked(ntfs_xattr::kReparseData, [](ByteView bytes) { parse_reparse_tag(bytes); });
    return std::move(metadata_);
  }

 private:
  [[noreturn]] void fail(std::string_view name, std::string_view reason) const {
    throw Error(ErrorCode::kCorrupt, entry_.path(), fmt::format("{}: {}", name, reason));
  }

  // ntfs-3g returns integers in the byte order of this machine.
  template <typename Integer, std::size_t Count>
  std::array<Integer, Count> integers(ByteView value, std::string_view name) const {
    std::array<Integer, Count> numbers{};
    if (value.size() != sizeof numbers) {
      fail(name, fmt::format("has {} bytes, not {}", value.size(), sizeof numbers));
    }
    std::memcpy(numbers.data(), value.data(), sizeof numbers);
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
  HostMetadata metadata_;
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

HostMetadata metadata_of(const HostEntry& entry, TimesOfFiles which, OwnXattrs own) {
  HostMetadata metadata;
  if (NtfsMetadata ntfs(entry); ntfs.is_there()) {
    metadata = ntfs.read();
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
