// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "os/nt_file_windows.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <limits>

#include "cimlib/wtf8.h"

#include "base/utf16.h"
#include "os/system_error.h"

namespace cim {
namespace {

constexpr auto kBufferOverflow = static_cast<NTSTATUS>(0x80000005);
constexpr auto kNoMoreFiles = static_cast<NTSTATUS>(0x80000006);
constexpr auto kEndOfFile = static_cast<NTSTATUS>(0xC0000011);
constexpr auto kBufferTooSmall = static_cast<NTSTATUS>(0xC0000023);

// Values of FILE_INFORMATION_CLASS, of which winternl.h has few.
constexpr auto kBasic = static_cast<FILE_INFORMATION_CLASS>(4);
constexpr auto kStandard = static_cast<FILE_INFORMATION_CLASS>(5);
constexpr auto kInternal = static_cast<FILE_INFORMATION_CLASS>(6);
constexpr auto kEa = static_cast<FILE_INFORMATION_CLASS>(7);
constexpr auto kLink = static_cast<FILE_INFORMATION_CLASS>(11);
constexpr auto kNames = static_cast<FILE_INFORMATION_CLASS>(12);
constexpr auto kDisposition = static_cast<FILE_INFORMATION_CLASS>(13);
constexpr auto kStreams = static_cast<FILE_INFORMATION_CLASS>(22);
constexpr auto kAttributeTag = static_cast<FILE_INFORMATION_CLASS>(35);
constexpr auto kId = static_cast<FILE_INFORMATION_CLASS>(59);

constexpr ULONG kGetReparsePoint = 0x900A8;
constexpr ULONG kSetReparsePoint = 0x900A4;
constexpr ULONG kSetSparse = 0x900C4;
constexpr ULONG kQueryAllocatedRanges = 0x940CF;

constexpr std::size_t kMaxReparseData = 16384;
constexpr std::size_t kMaxEas = std::size_t{128} << 10;  // 64 KiB at most, and padding
constexpr std::size_t kListSize = std::size_t{64} << 10;
constexpr std::size_t kMaxStreamList = std::size_t{64} << 20;
constexpr std::size_t kDescriptorSize = 1024;  // of most files

ULONG size_of(const Bytes& bytes) {
  return static_cast<ULONG>(bytes.size());
}

template <typename Information>
NTSTATUS query(HANDLE file, FILE_INFORMATION_CLASS which, Information& information) {
  IO_STATUS_BLOCK result{};
  return ::NtQueryInformationFile(file, &result, &information, sizeof information, which);
}

template <typename Information>
NTSTATUS set(HANDLE file, FILE_INFORMATION_CLASS which, Information& information) {
  IO_STATUS_BLOCK result{};
  return ::NtSetInformationFile(file, &result, &information, sizeof information, which);
}

NTSTATUS control(HANDLE file, ULONG code, std::span<std::byte> in, std::span<std::byte> out,
                 std::size_t& got) {
  IO_STATUS_BLOCK result{};
  const NTSTATUS status =
      ::NtFsControlFile(file, nullptr, nullptr, nullptr, &result, code, in.data(),
                        static_cast<ULONG>(in.size()), out.data(), static_cast<ULONG>(out.size()));
  got = nt_failed(status) && status != kBufferOverflow ? 0 : result.Information;
  return status;
}

// Calls `visit` with the name in each structure of a list, which begins with the offset of the next
// structure. `Entry` has the size of the name in `size_member`.
template <typename Entry, typename Visit>
void for_each_entry(ByteView list, ULONG Entry::*size_member, std::size_t name_offset,
                    const Visit& visit) {
  while (list.size() >= name_offset) {
    Entry entry{};
    std::memcpy(&entry, list.data(), std::min(list.size(), sizeof entry));
    const std::size_t size = entry.*size_member;
    if (size > list.size() - name_offset) {
      return;
    }
    std::wstring name(size / sizeof(wchar_t), L'\0');
    std::memcpy(name.data(), list.data() + name_offset, name.size() * sizeof(wchar_t));
    visit(name);
    if (entry.NextEntryOffset == 0 || entry.NextEntryOffset > list.size()) {
      return;
    }
    list = list.subspan(entry.NextEntryOffset);
  }
}

// FileIdInformation; file systems before Windows 8 have only a number of 64 bits.
NTSTATUS query_id(HANDLE file, NtFileId& id) {
  struct {
    std::uint64_t volume;
    std::uint64_t number;
    std::uint64_t number_high;
  } information{};
  if (!nt_failed(query(file, kId, information))) {
    id = {information.volume, information.number, information.number_high};
    return nt_status::kSuccess;
  }
  FILE_INTERNAL_INFORMATION internal{};
  const NTSTATUS status = query(file, kInternal, internal);
  id = {0, static_cast<std::uint64_t>(internal.IndexNumber.QuadPart), 0};
  return status;
}

}  // namespace

bool is_not_supported(NTSTATUS status) noexcept {
  switch (status) {
    case nt_status::kNotImplemented:
    case nt_status::kInvalidParameter:
    case nt_status::kInvalidDeviceRequest:
    case nt_status::kNotSupported:
    case nt_status::kEasNotSupported:
      return true;
    default:
      return false;
  }
}

std::string nt_message(NTSTATUS status) {
  return system_message(static_cast<int>(::RtlNtStatusToDosError(status)));
}

void throw_nt_error(NTSTATUS status, std::string subject, std::string_view what) {
  throw_system_error(static_cast<int>(::RtlNtStatusToDosError(status)), std::move(subject), what);
}

std::wstring wide(std::string_view name) {
  const std::u16string utf16 = to_utf16_replacing(name);
  return {utf16.begin(), utf16.end()};
}

std::string narrow(std::wstring_view name) {
  return to_wtf8(std::u16string(name.begin(), name.end()));
}

void NtFile::reset() noexcept {
  if (handle_ != nullptr) {
    ::NtClose(std::exchange(handle_, nullptr));
  }
}

// Files are opened for synchronous calls, which the C library expects of descriptors.
NTSTATUS NtFile::open(HANDLE directory, std::wstring_view name, const Open& how, NtFile& file) {
  constexpr std::size_t kMaxUnits = std::numeric_limits<USHORT>::max() / sizeof(wchar_t);
  if (name.size() > kMaxUnits) {
    return nt_status::kNameTooLong;
  }
  std::wstring text(name);
  UNICODE_STRING string{};
  string.Length = static_cast<USHORT>(text.size() * sizeof(wchar_t));
  string.MaximumLength = string.Length;
  string.Buffer = text.data();
  OBJECT_ATTRIBUTES attributes{};
  attributes.Length = sizeof attributes;
  attributes.RootDirectory = directory;
  attributes.ObjectName = &string;
  attributes.Attributes = OBJ_CASE_INSENSITIVE;
  const ULONG options = how.options | FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_FOR_BACKUP_INTENT |
                        (how.follows_reparse_point ? 0 : FILE_OPEN_REPARSE_POINT);
  IO_STATUS_BLOCK result{};
  HANDLE handle = nullptr;
  const NTSTATUS status =
      ::NtCreateFile(&handle, how.access | SYNCHRONIZE, &attributes, &result, nullptr,
                     FILE_ATTRIBUTE_NORMAL, how.share, how.disposition, options, nullptr, 0);
  if (!nt_failed(status)) {
    file = NtFile(handle);
  }
  return status;
}

NTSTATUS query_facts(HANDLE file, NtFileFacts& facts) {
  FILE_STANDARD_INFORMATION standard{};
  FILE_ATTRIBUTE_TAG_INFORMATION tag{};
  NTSTATUS status = query(file, kBasic, facts.basic);
  if (!nt_failed(status)) {
    status = query(file, kStandard, standard);
  }
  if (!nt_failed(status)) {
    status = query_id(file, facts.id);
  }
  if (!nt_failed(status) && facts.has(FILE_ATTRIBUTE_REPARSE_POINT)) {
    status = query(file, kAttributeTag, tag);
  }
  facts.size = static_cast<std::uint64_t>(standard.EndOfFile.QuadPart);
  facts.link_count = standard.NumberOfLinks;
  facts.reparse_tag = tag.ReparseTag;
  return status;
}

NTSTATUS list_names(HANDLE directory, std::vector<std::string>& names) {
  Bytes list(kListSize);
  for (bool is_first = true;; is_first = false) {
    IO_STATUS_BLOCK result{};
    const NTSTATUS status =
        ::NtQueryDirectoryFile(directory, nullptr, nullptr, nullptr, &result, list.data(),
                               size_of(list), kNames, FALSE, nullptr, is_first ? TRUE : FALSE);
    if (status == kNoMoreFiles || status == nt_status::kNoSuchFile) {
      return nt_status::kSuccess;
    }
    if (nt_failed(status)) {
      return status;
    }
    for_each_entry<FILE_NAMES_INFORMATION>(
        ByteView(list).first(result.Information), &FILE_NAMES_INFORMATION::FileNameLength,
        offsetof(FILE_NAMES_INFORMATION, FileName), [&names](const std::wstring& name) {
          if (name != L"." && name != L"..") {
            names.push_back(narrow(name));
          }
        });
  }
}

// The unnamed stream is "::$DATA". A directory has no data, but may have named streams.
NTSTATUS list_streams(HANDLE file, std::vector<std::string>& names) {
  constexpr std::wstring_view kType = L":$DATA";
  Bytes list(kListSize);
  IO_STATUS_BLOCK result{};
  NTSTATUS status = kBufferOverflow;
  while ((status = ::NtQueryInformationFile(file, &result, list.data(), size_of(list), kStreams)) ==
             kBufferOverflow &&
         list.size() < kMaxStreamList) {
    list.resize(list.size() * 2);
  }
  if (nt_failed(status)) {
    return is_not_supported(status) ? nt_status::kSuccess : status;
  }
  for_each_entry<FILE_STREAM_INFORMATION>(
      ByteView(list).first(result.Information), &FILE_STREAM_INFORMATION::StreamNameLength,
      offsetof(FILE_STREAM_INFORMATION, StreamName), [&](std::wstring_view name) {
        if (name.size() > kType.size() + 1 && name.ends_with(kType)) {
          names.push_back(narrow(name.substr(1, name.size() - 1 - kType.size())));
        }
      });
  return nt_status::kSuccess;
}

NTSTATUS query_eas(HANDLE file, Bytes& list) {
  FILE_EA_INFORMATION size{};
  NTSTATUS status = query(file, kEa, size);
  if (nt_failed(status) || size.EaSize == 0) {
    return is_not_supported(status) ? nt_status::kSuccess : status;
  }
  list.resize(kMaxEas);
  IO_STATUS_BLOCK result{};
  status =
      ::NtQueryEaFile(file, &result, list.data(), size_of(list), FALSE, nullptr, 0, nullptr, TRUE);
  list.resize(status == nt_status::kSuccess ? result.Information : 0);
  return status == nt_status::kNoEasOnFile ? nt_status::kSuccess : status;
}

NTSTATUS set_eas(HANDLE file, Bytes list) {
  IO_STATUS_BLOCK result{};
  return ::NtSetEaFile(file, &result, list.data(), size_of(list));
}

NTSTATUS query_reparse_data(HANDLE file, Bytes& buffer) {
  buffer.resize(kMaxReparseData);
  std::size_t got = 0;
  const NTSTATUS status = control(file, kGetReparsePoint, {}, buffer, got);
  buffer.resize(got);
  return status;
}

NTSTATUS set_reparse_data(HANDLE file, Bytes buffer) {
  std::size_t got = 0;
  return control(file, kSetReparsePoint, buffer, {}, got);
}

NTSTATUS query_descriptor(HANDLE file, SECURITY_INFORMATION parts, Bytes& descriptor) {
  descriptor.resize(kDescriptorSize);
  ULONG needed = 0;
  NTSTATUS status = kBufferTooSmall;
  while ((status = ::NtQuerySecurityObject(file, parts, descriptor.data(), size_of(descriptor),
                                           &needed)) == kBufferTooSmall &&
         needed > descriptor.size()) {
    descriptor.resize(needed);
  }
  descriptor.resize(nt_failed(status) ? 0 : std::min<std::size_t>(needed, descriptor.size()));
  return status;
}

NTSTATUS set_descriptor(HANDLE file, SECURITY_INFORMATION parts, Bytes descriptor) {
  return ::NtSetSecurityObject(file, parts, descriptor.data());
}

std::vector<FileRange> allocated_ranges(HANDLE file, std::uint64_t size) {
  constexpr std::size_t kAtOnce = 64;
  std::vector<FileRange> ranges;
  for (std::uint64_t at = 0; at < size;) {
    std::array<std::uint64_t, 2> asked = {at, size - at};  // FILE_ALLOCATED_RANGE_BUFFER
    std::array<std::array<std::uint64_t, 2>, kAtOnce> found{};
    std::size_t got = 0;
    const NTSTATUS status =
        control(file, kQueryAllocatedRanges, std::as_writable_bytes(std::span(asked)),
                std::as_writable_bytes(std::span(found)), got);
    if (nt_failed(status) && status != kBufferOverflow) {
      ranges.push_back({at, size});
      return ranges;
    }
    const std::size_t count = got / sizeof found[0];
    const std::uint64_t before = at;
    for (const auto& [start, length] : std::span(found).first(count)) {
      const std::uint64_t end = std::min(size, start + length);
      if (start >= at && end > start) {
        ranges.push_back({start, end});
        at = end;
      }
    }
    if (status != kBufferOverflow || at == before) {
      return ranges;
    }
  }
  return ranges;
}

NTSTATUS set_sparse(HANDLE file) {
  std::size_t got = 0;
  return control(file, kSetSparse, {}, {}, got);
}

NTSTATUS set_basic(HANDLE file, FILE_BASIC_INFORMATION basic) {
  return set(file, kBasic, basic);
}

NTSTATUS add_name(HANDLE file, HANDLE directory, std::wstring_view name) {
  const std::size_t name_size = name.size() * sizeof(wchar_t);
  Bytes buffer(sizeof(FILE_LINK_INFORMATION) + name_size);
  FILE_LINK_INFORMATION information{};
  information.RootDirectory = directory;
  information.FileNameLength = static_cast<ULONG>(name_size);
  std::memcpy(buffer.data(), &information, sizeof information);
  std::memcpy(buffer.data() + offsetof(FILE_LINK_INFORMATION, FileName), name.data(), name_size);
  IO_STATUS_BLOCK result{};
  return ::NtSetInformationFile(file, &result, buffer.data(), size_of(buffer), kLink);
}

NTSTATUS remove_when_closed(HANDLE file) {
  FILE_DISPOSITION_INFORMATION information{TRUE};
  return set(file, kDisposition, information);
}

NTSTATUS read_at(HANDLE file, std::uint64_t offset, std::span<std::byte> into, std::size_t& got) {
  IO_STATUS_BLOCK result{};
  LARGE_INTEGER at{};
  at.QuadPart = static_cast<LONGLONG>(offset);
  const NTSTATUS status = ::NtReadFile(file, nullptr, nullptr, nullptr, &result, into.data(),
                                       static_cast<ULONG>(into.size()), &at, nullptr);
  got = nt_failed(status) ? 0 : result.Information;
  return status == kEndOfFile ? nt_status::kSuccess : status;
}

}  // namespace cim
