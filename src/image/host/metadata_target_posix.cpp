// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/host/metadata_target_posix.h"

#include <array>
#include <cerrno>
#include <span>

#include <fmt/format.h>
#include <sys/xattr.h>

#include "cimlib/attributes.h"
#include "cimlib/error.h"

#include "ntfs/ntfs_3g.h"
#include "os/system_error.h"

namespace cim {
namespace {

// A value may be too large for the inode of its file (reported as a full disk), for the file system
// or for the kernel; NTFS refuses some values.
bool is_limit_of_xattrs(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case E2BIG:
    case ERANGE:
    case ENOTSUP:
    case EINVAL:
    case EPERM:
    case ENAMETOOLONG:
      return true;
    default:
      return false;
  }
}

// Returns false if the file system cannot store the value.
bool set_xattr(int descriptor, const std::string& name, ByteView value, const std::string& path) {
  if (::fsetxattr(descriptor, name.c_str(), value.data(), value.size(), 0) == 0) {
    return true;
  }
  const int error_number = errno;
  if (!is_limit_of_xattrs(error_number)) {
    throw_system_error(error_number, path, "write an extended attribute of");
  }
  return false;
}

// ntfs-3g expects integers in the byte order of this machine.
template <typename Integer, std::size_t Count>
Bytes bytes_in_host_order(const std::array<Integer, Count>& values) {
  const ByteView bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

Bytes ntfs_times(const FileTimes& times) {
  return bytes_in_host_order(std::array<std::uint64_t, 4>{
      times.creation.ticks, times.last_write.ticks, times.last_access.ticks, times.change.ticks});
}

// A file becomes a link with its reparse data, and the times are last, since the others change
// them.
std::vector<MetadataXattr> ntfs_xattrs(const HostMetadata& metadata) {
  std::vector<MetadataXattr> xattrs = {{ntfs_xattr::kAcl, metadata.security_descriptor}};
  if (!metadata.extended_attributes.empty()) {
    xattrs.push_back(
        {ntfs_xattr::kExtendedAttributes, ea_list_on_volume(metadata.extended_attributes)});
  }
  if (!metadata.reparse_data.empty()) {
    xattrs.push_back({ntfs_xattr::kReparseData, metadata.reparse_data});
  }
  xattrs.push_back(
      {ntfs_xattr::kAttributes, bytes_in_host_order(std::array<std::uint32_t, 1>{
                                    metadata.attributes & attribute::kStoredAttributes})});
  xattrs.push_back({ntfs_xattr::kTimes, ntfs_times(metadata.times)});
  return xattrs;
}

}  // namespace

MetadataTarget::MetadataTarget(int directory, const std::string& path) {
  const std::string on_ntfs(ntfs_xattr::kAttributes);
  if (::fgetxattr(directory, on_ntfs.c_str(), nullptr, 0) >= 0) {
    is_ntfs_ = true;
    return;
  }
  const std::string probe = std::string(kMetadataXattrPrefix) + "attributes";
  if (::fsetxattr(directory, probe.c_str(), "\0\0\0\0", 4, 0) != 0) {
    const int error_number = errno;
    if (!is_limit_of_xattrs(error_number)) {
      throw_system_error(error_number, path, "write an extended attribute of");
    }
    throw Error(ErrorCode::kUnsupported, path,
                "the file system has no extended attributes for the metadata");
  }
  ::fremovexattr(directory, probe.c_str());
}

std::vector<std::string> MetadataTarget::write(int descriptor, const HostMetadata& metadata,
                                               const std::string& path) const {
  std::vector<std::string> lost;
  for (const MetadataXattr& xattr :
       is_ntfs_ ? ntfs_xattrs(metadata) : encode_metadata_xattrs(metadata)) {
    if (!set_xattr(descriptor, std::string(xattr.name), xattr.value, path)) {
      lost.push_back(fmt::format("{} of {} bytes", xattr.name, xattr.value.size()));
    }
  }
  return lost;
}

bool MetadataTarget::write_times(int descriptor, const FileTimes& times) const {
  const Bytes value = ntfs_times(times);
  return is_ntfs_ && ::fsetxattr(descriptor, std::string(ntfs_xattr::kTimes).c_str(), value.data(),
                                 value.size(), 0) == 0;
}

bool MetadataTarget::write_stream(int descriptor, const std::string& name, ByteView contents,
                                  const std::string& path) const {
  return !name.starts_with(kMetadataXattrPrefix.substr(ntfs_xattr::kStreamPrefix.size())) &&
         set_xattr(descriptor, std::string(ntfs_xattr::kStreamPrefix) + name, contents, path);
}

}  // namespace cim
