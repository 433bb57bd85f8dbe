// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/host/file_metadata_windows.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "cimlib/security_descriptor.h"

#include "image/read/link_target.h"

namespace cim {
namespace {

constexpr std::string_view kOwners =
    "the owner and group, which needs SeRestorePrivilege; run this as an administrator";
constexpr std::string_view kAuditEntries =
    "the audit entries, which needs SeSecurityPrivilege; run this as an administrator";
constexpr std::string_view kDescriptors =
    "the security descriptor, which this file system does not store";

constexpr std::size_t kControlOffset = 2;
constexpr std::size_t kOwnerOffset = 4;
constexpr std::size_t kGroupOffset = 8;
constexpr std::size_t kHeaderSize = 20;

template <typename Integer>
Integer integer_at(ByteView bytes, std::size_t offset) {
  Integer value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// A part of a security descriptor that a call sets, according to the descriptor's header.
struct Parts {
  SECURITY_INFORMATION owners = 0;
  SECURITY_INFORMATION dacl = 0;
  SECURITY_INFORMATION sacl = 0;
};

Parts parts_of(ByteView descriptor) {
  namespace control = descriptor_control;
  const auto bits = integer_at<std::uint16_t>(descriptor, kControlOffset);
  const auto has = [bits](std::uint16_t bit) { return (bits & bit) != 0; };
  Parts parts;
  if (integer_at<std::uint32_t>(descriptor, kOwnerOffset) != 0) {
    parts.owners |= OWNER_SECURITY_INFORMATION;
  }
  if (integer_at<std::uint32_t>(descriptor, kGroupOffset) != 0) {
    parts.owners |= GROUP_SECURITY_INFORMATION;
  }
  if (has(control::kDaclPresent)) {
    parts.dacl = DACL_SECURITY_INFORMATION |
                 (has(control::kDaclProtected) ? PROTECTED_DACL_SECURITY_INFORMATION : 0);
  }
  if (has(control::kSaclPresent)) {
    parts.sacl = SACL_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION |
                 ATTRIBUTE_SECURITY_INFORMATION | SCOPE_SECURITY_INFORMATION |
                 (has(control::kSaclProtected) ? PROTECTED_SACL_SECURITY_INFORMATION : 0);
  }
  return parts;
}

// Windows keeps the bits for inherited entries only if the bits that ask for inheritance are set
// too.
void keep_inheritance(Bytes& descriptor) {
  namespace control = descriptor_control;
  auto bits = integer_at<std::uint16_t>(descriptor, kControlOffset);
  bits |= (bits & control::kDaclAutoInherited) != 0 ? control::kDaclAutoInheritRequired : 0;
  bits |= (bits & control::kSaclAutoInherited) != 0 ? control::kSaclAutoInheritRequired : 0;
  std::memcpy(descriptor.data() + kControlOffset, &bits, sizeof bits);
}

bool is_denied(NTSTATUS status) {
  return status == nt_status::kAccessDenied || status == nt_status::kPrivilegeNotHeld ||
         status == nt_status::kInvalidOwner;
}

// Zero would mean that a time does not change.
LARGE_INTEGER large_integer(FileTime time) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<LONGLONG>::max());
  LARGE_INTEGER number{};
  number.QuadPart = static_cast<LONGLONG>(std::clamp<std::uint64_t>(time.ticks, 1, kMost));
  return number;
}

}  // namespace

MetadataWriter::MetadataWriter(const Image& image, ExtractOutput& output, bool writes_audit_entries,
                               ExtractOutput::PathOf path_of)
    : image_(image),
      output_(output),
      writes_audit_entries_(writes_audit_entries),
      path_of_(std::move(path_of)) {}

bool MetadataWriter::write(HANDLE file, const std::string& name, const FileInfo& info,
                           Reparse reparse) {
  write_eas(file, name, info);
  const bool is_link = is_link_tag(info.reparse_tag);
  if (info.is_reparse_point() && (reparse == kAll || !is_link) &&
      !write_reparse_data(file, name, info) && is_link) {
    return false;
  }
  write_descriptor(file, name, info);
  write_basic(file, name, info);
  return true;
}

void MetadataWriter::write_eas(HANDLE file, const std::string& name, const FileInfo& info) {
  if (info.ea_size == 0) {
    return;
  }
  Bytes list;
  if (output_.attempt(name, [&] { list = image_.extended_attributes(info.id); }) && !list.empty()) {
    not_stored(set_eas(file, std::move(list)), name, "extended attributes");
  }
}

bool MetadataWriter::write_reparse_data(HANDLE file, const std::string& name,
                                        const FileInfo& info) {
  Bytes buffer;
  if (!output_.attempt(name, [&] { buffer = image_.reparse_data(info.id); })) {
    return false;
  }
  const NTSTATUS status = set_reparse_data(file, std::move(buffer));
  not_stored(status, name, "reparse data");
  return !nt_failed(status);
}

// The default descriptor stands for none; the file keeps what it inherits here.
void MetadataWriter::write_descriptor(HANDLE file, const std::string& name, const FileInfo& info) {
  Bytes descriptor;
  if (!output_.attempt(name, [&] { descriptor = image_.security_descriptor(info.id); }) ||
      descriptor.size() < kHeaderSize ||
      std::ranges::equal(descriptor, kDefaultSecurityDescriptor)) {
    return;
  }
  Parts parts = parts_of(descriptor);
  keep_inheritance(descriptor);
  if (parts.sacl != 0 && !writes_audit_entries_) {
    ++omitted_[kAuditEntries];
    parts.sacl = 0;
  }
  NTSTATUS status = set_descriptor(file, parts.owners | parts.dacl | parts.sacl, descriptor);
  if (is_denied(status) && parts.owners != 0) {
    ++omitted_[kOwners];
    status = set_descriptor(file, parts.dacl | parts.sacl, descriptor);
  }
  if (is_not_supported(status)) {
    ++omitted_[kDescriptors];
    return;
  }
  not_stored(status, name, "security descriptor");
}

// Only some attributes are stored in images; the others depend on the data.
void MetadataWriter::write_basic(HANDLE file, const std::string& name, const FileInfo& info) {
  constexpr std::uint32_t kSettable =
      attribute::kReadOnly | attribute::kHidden | attribute::kSystem | attribute::kArchive;
  FILE_BASIC_INFORMATION basic{};
  basic.CreationTime = large_integer(info.times.creation);
  basic.LastAccessTime = large_integer(info.times.last_access);
  basic.LastWriteTime = large_integer(info.times.last_write);
  basic.ChangeTime = large_integer(info.times.change);
  const std::uint32_t attributes = info.attributes & kSettable;
  basic.FileAttributes = attributes == 0 ? FILE_ATTRIBUTE_NORMAL : attributes;
  const NTSTATUS status = set_basic(file, basic);
  if (!nt_failed(status)) {
    return;
  }
  if (!is_not_supported(status)) {
    throw_nt_error(status, path_of_(name), "set the times of");
  }
  output_.warn(name, "the file system here cannot store its times");
}

// A full disk ends the extraction, as it does for data.
void MetadataWriter::not_stored(NTSTATUS status, const std::string& name, std::string_view what) {
  if (!nt_failed(status)) {
    return;
  }
  const std::string failure = fmt::format("its {} cannot be stored: {}", what, nt_message(status));
  if (status == nt_status::kDiskFull) {
    throw Error(ErrorCode::kNoSpace, path_of_(name), failure);
  }
  output_.warn_of_skipped(name, failure);
}

void MetadataWriter::report_omitted() {
  for (const auto& [what, count] : omitted_) {
    output_.warn("", fmt::format("{} entries are without {}", count, what));
    output_.summary().skipped += count;
  }
}

}  // namespace cim
