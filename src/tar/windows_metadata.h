// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// NTFS metadata in the PAX records of an entry: MSWINDOWS.* by go-winio, and the creation time by
// libarchive. Errors say what is wrong with which record, and nothing about where it stands.

#include <cstdint>
#include <optional>

#include "cimlib/filetime.h"

#include "base/bytes.h"
#include "tar/reader.h"

namespace cim::tar {

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

/// All MSWINDOWS.xattr.NAME as one list, sorted by the names' bytes. Throws kCorrupt for bad base64
/// and names, kLimit.
Bytes decode_extended_attributes(const PaxRecords& records);

/// The reparse buffer of a symbolic link or, with MSWINDOWS.mountpoint, a junction. Bytes of the
/// link name that are not UTF-8 become U+FFFD, as in other importers. Throws kLimit.
Bytes decode_reparse_data(const Entry& entry);

}  // namespace cim::tar
