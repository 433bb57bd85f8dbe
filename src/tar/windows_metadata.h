// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// NTFS metadata in the PAX records of an entry: MSWINDOWS.* from go-winio, and libarchive's
// creation time. Errors name the record and what is wrong, but not where the entry is.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "cimlib/extended_attributes.h"
#include "cimlib/filetime.h"
#include "cimlib/reparse.h"

#include "base/bytes.h"
#include "tar/reader.h"

namespace cim::tar {

/// Keys of the records. Those named CIMLIB.* contain a whole buffer in base64 if the others cannot
/// express it, and must agree with them in everything that the others express.
namespace record_key {
inline constexpr std::string_view kAttributes = "MSWINDOWS.fileattr";
inline constexpr std::string_view kRawDescriptor = "MSWINDOWS.rawsd";
inline constexpr std::string_view kSddl = "MSWINDOWS.sd";
inline constexpr std::string_view kMountPoint = "MSWINDOWS.mountpoint";
inline constexpr std::string_view kExtendedAttribute = "MSWINDOWS.xattr.";
inline constexpr std::string_view kCreationTime = "LIBARCHIVE.creationtime";
inline constexpr std::string_view kOwnReparseData = "CIMLIB.reparse";
inline constexpr std::string_view kOwnExtendedAttributes = "CIMLIB.eas";
}  // namespace record_key

/// Returns MSWINDOWS.fileattr; nullopt if it is absent. Throws kCorrupt if it is not a decimal
/// number of 32 bits.
std::optional<std::uint32_t> decode_attributes(const PaxRecords& records);

/// Returns the four times; absent ones equal the time of the last write. Throws kCorrupt for an
/// invalid creation time, and for times before 1601 or past what 64 bits hold.
FileTimes decode_times(const Entry& entry);

/// Returns MSWINDOWS.rawsd or, only if that is absent, MSWINDOWS.sd; empty if neither is present or
/// rawsd is empty. The bytes of rawsd are validated and returned unchanged. Throws kCorrupt for bad
/// base64, SDDL or descriptors, kUnsupported for accounts of a domain, kLimit.
Bytes decode_security_descriptor(const PaxRecords& records);

/// Returns all MSWINDOWS.xattr.NAME as one list, sorted by the names' bytes; if present, CIMLIB.eas
/// replaces it. Throws kCorrupt for bad base64, names and lists, and for a CIMLIB.eas that does not
/// agree with the other records; kLimit.
Bytes decode_extended_attributes(const PaxRecords& records);

/// Returns the reparse buffer of a symbolic link or, with MSWINDOWS.mountpoint, a junction; if
/// present, CIMLIB.reparse replaces it. Bytes of the link name that are not UTF-8 become U+FFFD, as
/// in other importers. Throws kCorrupt for a CIMLIB.reparse that is not such a buffer or leads
/// elsewhere, kLimit.
Bytes decode_reparse_data(const Entry& entry);

/// Returns true if a name can be the end of a record's key.
bool can_be_key(std::string_view name) noexcept;

/// Returns true if a list of attributes (`own`) agrees with the records MSWINDOWS.xattr.NAME
/// (`said`): those of its names that can be keys are the same as in the records, with the same
/// values, and no name is repeated.
bool agrees(std::span<const ExtendedAttribute> own, std::span<const ExtendedAttribute> said);

/// Returns true if reparse data (`own`) agrees with the link name `link` that other readers use:
/// the same kind of link to the same target, whose print name may be absent; or another tag and an
/// empty `link`.
bool agrees(const ReparsePoint& own, std::string_view link, bool is_mount_point);

}  // namespace cim::tar
