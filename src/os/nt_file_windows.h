// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Files by the functions of ntdll.dll, which open a name in an open directory: no component of a
// path is resolved again, no link is followed, paths have no limit, and names such as `CON` or ones
// that end with a dot have no special meaning. All metadata of NTFS can be read and written.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <windows.h>
// After the types of windows.h.
#include <winternl.h>

#include "base/bytes.h"

// NOLINTBEGIN(readability-identifier-naming): the names of Windows.
// Documented functions of ntdll.dll that winternl.h does not declare.
extern "C" {
NTSTATUS NTAPI NtQueryDirectoryFile(HANDLE file, HANDLE event, PIO_APC_ROUTINE routine,
                                    PVOID context, PIO_STATUS_BLOCK result, PVOID buffer,
                                    ULONG size, FILE_INFORMATION_CLASS information,
                                    BOOLEAN single_entry, PUNICODE_STRING name, BOOLEAN restart);
NTSTATUS NTAPI NtQueryEaFile(HANDLE file, PIO_STATUS_BLOCK result, PVOID buffer, ULONG size,
                             BOOLEAN single_entry, PVOID list, ULONG list_size, PULONG index,
                             BOOLEAN restart);
NTSTATUS NTAPI NtReadFile(HANDLE file, HANDLE event, PIO_APC_ROUTINE routine, PVOID context,
                          PIO_STATUS_BLOCK result, PVOID buffer, ULONG size, PLARGE_INTEGER offset,
                          PULONG key);
NTSTATUS NTAPI NtSetEaFile(HANDLE file, PIO_STATUS_BLOCK result, PVOID buffer, ULONG size);
NTSTATUS NTAPI NtQuerySecurityObject(HANDLE object, SECURITY_INFORMATION parts,
                                     PSECURITY_DESCRIPTOR descriptor, ULONG size, PULONG needed);
NTSTATUS NTAPI NtSetSecurityObject(HANDLE object, SECURITY_INFORMATION parts,
                                   PSECURITY_DESCRIPTOR descriptor);
}
// NOLINTEND(readability-identifier-naming)

namespace cim {

namespace nt_status {
inline constexpr NTSTATUS kSuccess = 0;
inline constexpr auto kNotImplemented = static_cast<NTSTATUS>(0xC0000002);
inline constexpr auto kInvalidParameter = static_cast<NTSTATUS>(0xC000000D);
inline constexpr auto kNoSuchFile = static_cast<NTSTATUS>(0xC000000F);
inline constexpr auto kInvalidDeviceRequest = static_cast<NTSTATUS>(0xC0000010);
inline constexpr auto kAccessDenied = static_cast<NTSTATUS>(0xC0000022);
inline constexpr auto kNameInvalid = static_cast<NTSTATUS>(0xC0000033);
inline constexpr auto kNameNotFound = static_cast<NTSTATUS>(0xC0000034);
inline constexpr auto kSharingViolation = static_cast<NTSTATUS>(0xC0000043);
inline constexpr auto kEasNotSupported = static_cast<NTSTATUS>(0xC000004F);
inline constexpr auto kNoEasOnFile = static_cast<NTSTATUS>(0xC0000052);
inline constexpr auto kInvalidOwner = static_cast<NTSTATUS>(0xC000005A);
inline constexpr auto kPrivilegeNotHeld = static_cast<NTSTATUS>(0xC0000061);
inline constexpr auto kDiskFull = static_cast<NTSTATUS>(0xC000007F);
inline constexpr auto kNotSupported = static_cast<NTSTATUS>(0xC00000BB);
inline constexpr auto kNotSameDevice = static_cast<NTSTATUS>(0xC00000D4);
inline constexpr auto kNameTooLong = static_cast<NTSTATUS>(0xC0000106);
inline constexpr auto kTooManyLinks = static_cast<NTSTATUS>(0xC0000265);
inline constexpr auto kFileTooLarge = static_cast<NTSTATUS>(0xC0000904);
}  // namespace nt_status

inline bool nt_failed(NTSTATUS status) noexcept {
  return status < 0;
}

/// Returns true if the file system or this version of Windows lacks a function.
bool is_not_supported(NTSTATUS status) noexcept;

/// Returns the system's text for a status.
std::string nt_message(NTSTATUS status);

/// Throws "SUBJECT: cannot WHAT: SYSTEM MESSAGE" with the matching code.
[[noreturn]] void throw_nt_error(NTSTATUS status, std::string subject, std::string_view what);

/// Converts a name from and to WTF-8. wide() accepts what narrow() returns and names of images;
/// bytes that are not WTF-8 become U+FFFD.
std::wstring wide(std::string_view name);
std::string narrow(std::wstring_view name);

/// Identifies a file on this machine.
struct NtFileId {
  std::uint64_t volume = 0;
  std::uint64_t number = 0;
  std::uint64_t number_high = 0;

  bool operator==(const NtFileId&) const = default;
};

/// Facts that the system reports about an open file.
struct NtFileFacts {
  FILE_BASIC_INFORMATION basic{};
  std::uint64_t size = 0;
  std::uint32_t link_count = 1;
  std::uint32_t reparse_tag = 0;  ///< 0 if it is not a reparse point
  NtFileId id;

  bool has(ULONG attribute) const noexcept { return (basic.FileAttributes & attribute) != 0; }
};

/// A range of a file, in bytes.
struct FileRange {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
};

/// An open file, directory or stream, or none; closed when destroyed. Functions that return a
/// status leave it to the caller what a failure means.
class NtFile {
 public:
  struct Open {
    ACCESS_MASK access = 0;  ///< SYNCHRONIZE is added
    ULONG disposition = FILE_OPEN;
    ULONG options = 0;  ///< such as FILE_DIRECTORY_FILE
    ULONG share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    bool follows_reparse_point = false;
  };

  NtFile() noexcept = default;
  explicit NtFile(HANDLE handle) noexcept : handle_(handle) {}
  NtFile(NtFile&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  NtFile& operator=(NtFile&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~NtFile() { reset(); }

  /// Opens or creates `name`, which is a name in a directory, or without one an absolute path of NT
  /// (`\??\C:\…`). Opens a reparse point itself by default, and uses the privileges for backup and
  /// restore.
  static NTSTATUS open(HANDLE directory, std::wstring_view name, const Open& how, NtFile& file);

  explicit operator bool() const noexcept { return handle_ != nullptr; }
  HANDLE get() const noexcept { return handle_; }
  HANDLE release() noexcept { return std::exchange(handle_, nullptr); }
  void reset() noexcept;

 private:
  HANDLE handle_ = nullptr;
};

// Functions about an open file.

/// Fills `facts`. Needs FILE_READ_ATTRIBUTES.
NTSTATUS query_facts(HANDLE file, NtFileFacts& facts);
/// Appends the names in a directory, without "." and "..", to `names`. Needs FILE_LIST_DIRECTORY.
NTSTATUS list_names(HANDLE directory, std::vector<std::string>& names);
/// Appends the names of the alternate streams to `names`. None if the file system has no streams.
NTSTATUS list_streams(HANDLE file, std::vector<std::string>& names);
/// Returns the FILE_FULL_EA_INFORMATION list; empty if there is none. Needs FILE_READ_EA.
NTSTATUS query_eas(HANDLE file, Bytes& list);
NTSTATUS set_eas(HANDLE file, Bytes list);
/// Returns the reparse buffer with its header.
NTSTATUS query_reparse_data(HANDLE file, Bytes& buffer);
NTSTATUS set_reparse_data(HANDLE file, Bytes buffer);
/// Returns parts of the descriptor, self-relative. Needs READ_CONTROL, and for the SACL
/// ACCESS_SYSTEM_SECURITY.
NTSTATUS query_descriptor(HANDLE file, SECURITY_INFORMATION parts, Bytes& descriptor);
NTSTATUS set_descriptor(HANDLE file, SECURITY_INFORMATION parts, Bytes descriptor);
/// Returns the ranges of a file of this size that are not holes, in order; all of it if the file
/// system has no holes.
std::vector<FileRange> allocated_ranges(HANDLE file, std::uint64_t size);
NTSTATUS set_sparse(HANDLE file);
NTSTATUS set_basic(HANDLE file, FILE_BASIC_INFORMATION basic);
/// Creates another name of a file. Fails if the name exists.
NTSTATUS add_name(HANDLE file, HANDLE directory, std::wstring_view name);
/// Removes the name by which the file was opened when it is closed. Needs DELETE.
NTSTATUS remove_when_closed(HANDLE file);
/// Reads up to the end of the file; returns the number of bytes in `got`.
NTSTATUS read_at(HANDLE file, std::uint64_t offset, std::span<std::byte> into, std::size_t& got);

}  // namespace cim
