// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What NTFS keeps of a file as extended attributes of Linux, under the names and in the forms of
// ntfs-3g; those with "_be" are in big-endian order, the others in the machine's.

#include <string_view>

namespace cim::ntfs_xattr {

/// All but streams have it in front.
inline constexpr std::string_view kPrefix = "system.ntfs_";
/// The security descriptor, self-relative.
inline constexpr std::string_view kAcl = "system.ntfs_acl";
/// FILE_ATTRIBUTE_*: an integer of 32 bits.
inline constexpr std::string_view kAttributes = "system.ntfs_attrib";
inline constexpr std::string_view kAttributesBigEndian = "system.ntfs_attrib_be";
/// Creation, last write, last access, change: four FILETIMEs of 64 bits. Not the order in which an
/// image has them.
inline constexpr std::string_view kTimes = "system.ntfs_times";
inline constexpr std::string_view kTimesBigEndian = "system.ntfs_times_be";
/// The reparse buffer with its header.
inline constexpr std::string_view kReparseData = "system.ntfs_reparse_data";
/// The list of NTFS's own extended attributes.
inline constexpr std::string_view kExtendedAttributes = "system.ntfs_ea";
/// The alternate stream whose name follows.
inline constexpr std::string_view kStreamPrefix = "user.";

}  // namespace cim::ntfs_xattr
