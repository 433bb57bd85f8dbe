// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// NTFS metadata in the PAX records of an entry: MSWINDOWS.* by go-winio, and the creation time by
// libarchive. Errors say what is wrong with which record, and nothing about where it stands.

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

/// Keys of the records. Those of cimlib hold a whole buffer in base64, for what the others can't
/// tell, and must agree with them in all that those can.
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

/// MSWINDOWS.fileattr, or nothing if it is absent. Throws kCorrupt for all but a decimal number of
/// 32 bits.
std::optional<std::uint32_t> decode_attributes(const PaxRecords& records);

/// The four times; what is absent is the time of the last write. Throws kCorrupt for a creation
/// time that is none, and for times before 1601 or past what 64 bits hold.
FileTimes decode_times(const Entry& entry);

/// MSWINDOWS.rawsd or, only if that is absent, MSWINDOWS.sd; empty if there is neither or rawsd is
/// empty. The bytes of rawsd are kept as they are once they are known to be sound. Throws kCorrupt
/// for bad base64, SDDL or descriptors, kUnsupported for accounts of a domain, kLimit.
Bytes decode_security_descriptor(const PaxRecords& records);

/// All MSWINDOWS.xattr.NAME as one list, sorted by the names' bytes; CIMLIB.eas in their place.
/// Throws kCorrupt for bad base64, names and lists, and for a CIMLIB.eas that does not agree with
/// the other records; kLimit.
Bytes decode_extended_attributes(const PaxRecords& records);

/// The reparse buffer of a symbolic link or, with MSWINDOWS.mountpoint, a junction; CIMLIB.reparse
/// in their place. Bytes of the link name that are not UTF-8 become U+FFFD, as in other importers.
/// Throws kCorrupt for a CIMLIB.reparse that is no such buffer or leads elsewhere, kLimit.
Bytes decode_reparse_data(const Entry& entry);

/// Whether a name can be the end of a record's key.
bool can_be_key(std::string_view name) noexcept;

/// Whether a list of attributes says the same as the records MSWINDOWS.xattr.NAME, `said`: of names
/// that can be keys there are the same with the same values, and no name comes twice.
bool agrees(std::span<const ExtendedAttribute> own, std::span<const ExtendedAttribute> said);

/// Whether reparse data lead where readers see that the link name `link` leads: the same kind of
/// link to the same target, whose print name may be absent; or another tag, and an empty `link`.
bool agrees(const ReparsePoint& own, std::string_view link, bool is_mount_point);

}  // namespace cim::tar
