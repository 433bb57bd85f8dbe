// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The contents of streams are files of another directory. Everything else is kept by the number of
// the file, so that it is found through every name and handle.
#include "image/host/fake_ntfs_windows.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "os/native_windows.h"

namespace cim::test {
namespace {

FakeNtfs* active = nullptr;

// The function of ntdll.dll that one of this program replaces.
template <typename Function>
Function* original(const char* name) {
  const FARPROC found = ::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), name);
  Function* function = nullptr;
  static_assert(sizeof function == sizeof found);
  std::memcpy(&function, &found, sizeof function);
  return function;
}

std::uint64_t number_of(HANDLE file) {
  static const auto query = original<decltype(::NtQueryInformationFile)>("NtQueryInformationFile");
  IO_STATUS_BLOCK result{};
  FILE_INTERNAL_INFORMATION information{};
  if (nt_failed(query(file, &result, &information, sizeof information,
                      static_cast<FILE_INFORMATION_CLASS>(6)))) {
    throw std::runtime_error("the number of a file is not known");
  }
  return static_cast<std::uint64_t>(information.IndexNumber.QuadPart);
}

std::uint64_t number_at(const std::filesystem::path& path) {
  const NtFile file(::CreateFileW(native_path(path).c_str(), FILE_READ_ATTRIBUTES,
                                  FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                  OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
  return number_of(file.get());
}

}  // namespace

FakeNtfs::FakeNtfs() {
  active = this;
}

FakeNtfs::~FakeNtfs() {
  active = nullptr;
}

FakeNtfs* FakeNtfs::current() noexcept {
  return active;
}

FakeFile& FakeNtfs::at(const std::filesystem::path& path) {
  return files_[number_at(path)];
}

std::filesystem::path FakeNtfs::new_stream(std::uint64_t file) {
  const auto path = directory_.path() / std::to_string(next_stream_++);
  std::ofstream{path};
  owners_[number_at(path)] = file;
  return path;
}

void FakeNtfs::add_stream(const std::filesystem::path& file, const std::wstring& name,
                          std::string_view text) {
  const auto path = new_stream(number_at(file));
  std::ofstream(path, std::ios::binary) << text;
  at(file).streams[name] = path;
}

std::optional<std::string> FakeNtfs::stream(const std::filesystem::path& file,
                                            const std::wstring& name) {
  const auto found = at(file).streams.find(name);
  if (found == at(file).streams.end()) {
    return std::nullopt;
  }
  std::ifstream stream(found->second, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

std::uint64_t FakeNtfs::owner_of(std::uint64_t number) const {
  const auto found = owners_.find(number);
  return found == owners_.end() ? number : found->second;
}

namespace {

FakeFile& fake(HANDLE file) {
  return active->at(active->owner_of(number_of(file)));
}

// Copies as much of a value as the caller has room for.
NTSTATUS give(ByteView value, void* buffer, ULONG size, IO_STATUS_BLOCK* result) {
  if (value.size() > size) {
    return static_cast<NTSTATUS>(0x80000005);
  }
  std::memcpy(buffer, value.data(), value.size());
  result->Information = value.size();
  return nt_status::kSuccess;
}

// FILE_STREAM_INFORMATION for each stream.
Bytes stream_list(HANDLE file) {
  std::vector<std::wstring> names;
  for (const auto& [name, path] : fake(file).streams) {
    names.push_back(L":" + name + L":$DATA");
  }
  names.insert(names.begin(), L"::$DATA");
  constexpr std::size_t kNameOffset = offsetof(FILE_STREAM_INFORMATION, StreamName);
  Bytes list;
  for (const std::wstring& name : names) {
    const std::size_t name_size = name.size() * sizeof(wchar_t);
    Bytes entry((kNameOffset + name_size + 7) / 8 * 8);
    FILE_STREAM_INFORMATION information{};
    information.NextEntryOffset = &name == &names.back() ? 0 : static_cast<ULONG>(entry.size());
    information.StreamNameLength = static_cast<ULONG>(name_size);
    std::memcpy(entry.data(), &information, kNameOffset);
    std::memcpy(entry.data() + kNameOffset, name.data(), name_size);
    list.insert(list.end(), entry.begin(), entry.end());
  }
  return list;
}

template <typename Information>
ByteView bytes_of(const Information& information) {
  return std::as_bytes(std::span(&information, 1));
}

std::uint32_t tag_of(const FakeFile& file) {
  std::uint32_t tag = 0;
  if (!file.reparse_data.empty()) {
    std::memcpy(&tag, file.reparse_data.data(), sizeof tag);
  }
  return tag;
}

void overlay(const FakeFile& file, FILE_BASIC_INFORMATION& basic) {
  const ULONG directory = basic.FileAttributes & FILE_ATTRIBUTE_DIRECTORY;
  if (file.basic) {
    basic = *file.basic;
    basic.FileAttributes &= ~static_cast<ULONG>(FILE_ATTRIBUTE_NORMAL);
  }
  basic.FileAttributes |= directory;
  basic.FileAttributes |= file.reparse_data.empty() ? 0UL : FILE_ATTRIBUTE_REPARSE_POINT;
  basic.FileAttributes |= file.is_sparse ? FILE_ATTRIBUTE_SPARSE_FILE : 0UL;
}

bool has_entries(HANDLE file) {
  std::vector<std::string> names;
  return !nt_failed(list_names(file, names)) && !names.empty();
}

NTSTATUS set_reparse(HANDLE file, ByteView buffer) {
  constexpr auto kNotEmpty = static_cast<NTSTATUS>(0xC0000101);
  constexpr std::uint32_t kMayHaveEntries = 0x10000000;  // of a directory with such a tag
  if (!active->may_make_links) {
    return nt_status::kPrivilegeNotHeld;
  }
  FakeFile changed;
  changed.reparse_data.assign(buffer.begin(), buffer.end());
  if ((tag_of(changed) & kMayHaveEntries) == 0 && has_entries(file)) {
    return kNotEmpty;
  }
  fake(file).reparse_data = std::move(changed.reparse_data);
  return nt_status::kSuccess;
}

NTSTATUS allocated(HANDLE file, const void* in, void* out, ULONG out_size,
                   IO_STATUS_BLOCK* result) {
  std::array<std::uint64_t, 2> asked{};
  std::memcpy(asked.data(), in, sizeof asked);
  Bytes found;
  for (const FileRange& range : fake(file).ranges) {
    if (range.end > asked[0] && range.start < asked[0] + asked[1]) {
      const std::array<std::uint64_t, 2> one = {range.start, range.end - range.start};
      const ByteView bytes = std::as_bytes(std::span(one));
      found.insert(found.end(), bytes.begin(), bytes.end());
    }
  }
  // A few at a time, as for a file with many ranges.
  constexpr std::size_t kAtOnce = 2 * sizeof asked;
  const bool has_more = found.size() > kAtOnce;
  found.resize(std::min(found.size(), kAtOnce));
  const NTSTATUS status = give(found, out, out_size, result);
  return has_more ? static_cast<NTSTATUS>(0x80000005) : status;
}

// Copies the parts of a descriptor that a call names.
void copy_parts(const SecurityDescriptor& from, SECURITY_INFORMATION parts,
                SecurityDescriptor& to) {
  namespace control = descriptor_control;
  const auto copy_bits = [&](unsigned bits) {
    to.control = static_cast<std::uint16_t>((to.control & ~bits) | (from.control & bits));
  };
  if ((parts & OWNER_SECURITY_INFORMATION) != 0) {
    to.owner = from.owner;
  }
  if ((parts & GROUP_SECURITY_INFORMATION) != 0) {
    to.group = from.group;
  }
  if ((parts & DACL_SECURITY_INFORMATION) != 0) {
    to.dacl = from.dacl;
    copy_bits(control::kDaclPresent | control::kDaclProtected | control::kDaclAutoInherited);
  }
  if ((parts & SACL_SECURITY_INFORMATION) != 0) {
    to.sacl = from.sacl;
    copy_bits(control::kSaclPresent | control::kSaclProtected | control::kSaclAutoInherited);
  }
}

// Windows keeps the bits for inherited entries only together with those that ask for inheritance.
void drop_inheritance(SecurityDescriptor& descriptor) {
  namespace control = descriptor_control;
  const auto drop_unless = [&](unsigned required, unsigned bit) {
    if ((descriptor.control & required) == 0) {
      descriptor.control = static_cast<std::uint16_t>(descriptor.control & ~bit);
    }
  };
  drop_unless(control::kDaclAutoInheritRequired, control::kDaclAutoInherited);
  drop_unless(control::kSaclAutoInheritRequired, control::kSaclAutoInherited);
}

bool may_use_audit_entries(HANDLE file, SECURITY_INFORMATION parts) {
  return (parts & SACL_SECURITY_INFORMATION) == 0 || !active->unaudited.contains(file);
}

// Finds the colon of "FILE:STREAM" after the colon of a drive in an absolute path.
std::size_t stream_colon(std::wstring_view name, bool is_absolute) {
  const std::size_t start = is_absolute ? std::wstring_view(L"\\??\\C:").size() : 0;
  return name.size() < start ? std::wstring_view::npos : name.find(L':', start);
}

NTSTATUS open_stream(HANDLE file, const std::wstring& name, ULONG disposition, ACCESS_MASK access,
                     HANDLE* handle) {
  if (!active->has_streams) {
    return nt_status::kNameInvalid;
  }
  auto& streams = fake(file).streams;
  const bool is_there = streams.contains(name);
  if (disposition == FILE_CREATE && is_there) {
    return static_cast<NTSTATUS>(0xC0000035);
  }
  if (disposition == FILE_CREATE) {
    streams[name] = active->new_stream(active->owner_of(number_of(file)));
  } else if (!is_there) {
    return nt_status::kNameNotFound;
  }
  *handle = ::CreateFileW(native_path(streams[name]).c_str(), access | FILE_READ_ATTRIBUTES,
                          FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                          OPEN_EXISTING, 0, nullptr);
  return *handle == INVALID_HANDLE_VALUE ? nt_status::kAccessDenied : nt_status::kSuccess;
}

// Follows no reparse point, but records that Windows would.
void record_followed(HANDLE directory, const std::wstring& name, ULONG options) {
  if (directory != nullptr && !name.empty() && tag_of(fake(directory)) != 0) {
    active->followed.push_back("in a link: " + narrow(name));
  }
  if ((options & FILE_OPEN_REPARSE_POINT) == 0) {
    active->followed.push_back("as a link: " + narrow(name));
  }
}

}  // namespace
}  // namespace cim::test

// NOLINTBEGIN(readability-identifier-naming): the names of Windows.
namespace test = cim::test;
using cim::nt_status::kAccessDenied;
using cim::nt_status::kSuccess;

extern "C" {

NTSTATUS NTAPI NtCreateFile(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes,
                            PIO_STATUS_BLOCK result, PLARGE_INTEGER allocation,
                            ULONG file_attributes, ULONG share, ULONG disposition, ULONG options,
                            PVOID eas, ULONG ea_size) {
  static const auto create = test::original<decltype(::NtCreateFile)>("NtCreateFile");
  const auto open = [&](std::wstring_view name, ACCESS_MASK wanted, ULONG how, HANDLE* into) {
    std::wstring text(name);
    UNICODE_STRING string{};
    string.Length = static_cast<USHORT>(text.size() * sizeof(wchar_t));
    string.MaximumLength = string.Length;
    string.Buffer = text.data();
    OBJECT_ATTRIBUTES same = *attributes;
    same.ObjectName = &string;
    return create(into, wanted, &same, result, allocation, file_attributes, share, how, options,
                  eas, ea_size);
  };
  const std::wstring name(attributes->ObjectName->Buffer,
                          attributes->ObjectName->Length / sizeof(wchar_t));
  if (test::FakeNtfs::current() == nullptr) {
    return open(name, access, disposition, handle);
  }
  test::record_followed(attributes->RootDirectory, name, options);
  const std::size_t colon = test::stream_colon(name, attributes->RootDirectory == nullptr);
  if (colon == std::wstring::npos) {
    const NTSTATUS status = open(name, access, disposition, handle);
    if (status == kSuccess && (access & ACCESS_SYSTEM_SECURITY) == 0) {
      test::FakeNtfs::current()->unaudited.insert(*handle);
    } else if (status == kSuccess) {
      test::FakeNtfs::current()->unaudited.erase(*handle);
    }
    return status;
  }
  HANDLE file = nullptr;
  const NTSTATUS status =
      open(name.substr(0, colon), FILE_READ_ATTRIBUTES | SYNCHRONIZE, FILE_OPEN, &file);
  const cim::NtFile owned(file);
  return status != kSuccess
             ? status
             : test::open_stream(file, name.substr(colon + 1), disposition, access, handle);
}

NTSTATUS NTAPI NtQueryInformationFile(HANDLE file, PIO_STATUS_BLOCK result, PVOID buffer,
                                      ULONG size, FILE_INFORMATION_CLASS which) {
  static const auto query =
      test::original<decltype(::NtQueryInformationFile)>("NtQueryInformationFile");
  test::FakeNtfs* const ntfs = test::FakeNtfs::current();
  if (ntfs != nullptr && which == 22) {
    return test::give(test::stream_list(file), buffer, size, result);
  }
  const NTSTATUS status = query(file, result, buffer, size, which);
  if (ntfs == nullptr || status != kSuccess) {
    return status;
  }
  switch (static_cast<int>(which)) {
    case 4:
      test::overlay(test::fake(file), *static_cast<FILE_BASIC_INFORMATION*>(buffer));
      break;
    case 7:
      static_cast<FILE_EA_INFORMATION*>(buffer)->EaSize =
          static_cast<ULONG>(test::fake(file).eas.size());
      break;
    case 35:
      static_cast<FILE_ATTRIBUTE_TAG_INFORMATION*>(buffer)->ReparseTag =
          test::tag_of(test::fake(file));
      break;
    case 59:
      static_cast<std::uint64_t*>(buffer)[1] = ntfs->owner_of(test::number_of(file));
      break;
    default:
      break;
  }
  return status;
}

NTSTATUS NTAPI NtSetInformationFile(HANDLE file, PIO_STATUS_BLOCK result, PVOID buffer, ULONG size,
                                    FILE_INFORMATION_CLASS which) {
  static const auto set = test::original<decltype(::NtSetInformationFile)>("NtSetInformationFile");
  test::FakeNtfs* const ntfs = test::FakeNtfs::current();
  if (ntfs != nullptr && which == 4) {
    test::fake(file).basic = *static_cast<const FILE_BASIC_INFORMATION*>(buffer);
    return kSuccess;
  }
  if (ntfs != nullptr && which == 11) {
    FILE_STANDARD_INFORMATION standard{};
    NtQueryInformationFile(file, result, &standard, sizeof standard,
                           static_cast<FILE_INFORMATION_CLASS>(5));
    if (standard.NumberOfLinks >= ntfs->most_names) {
      return cim::nt_status::kTooManyLinks;
    }
  }
  return set(file, result, buffer, size, which);
}

NTSTATUS NTAPI NtQueryEaFile(HANDLE file, PIO_STATUS_BLOCK result, PVOID buffer, ULONG size,
                             BOOLEAN /*single_entry*/, PVOID /*list*/, ULONG /*list_size*/,
                             PULONG /*index*/, BOOLEAN /*restart*/) {
  const cim::Bytes& eas = test::fake(file).eas;
  return eas.empty() ? cim::nt_status::kNoEasOnFile : test::give(eas, buffer, size, result);
}

NTSTATUS NTAPI NtSetEaFile(HANDLE file, PIO_STATUS_BLOCK /*result*/, PVOID buffer, ULONG size) {
  if (!test::FakeNtfs::current()->has_eas) {
    return cim::nt_status::kEasNotSupported;
  }
  const auto* const bytes = static_cast<const std::byte*>(buffer);
  test::fake(file).eas.assign(bytes, bytes + size);
  return kSuccess;
}

NTSTATUS NTAPI NtFsControlFile(HANDLE file, HANDLE /*event*/, PIO_APC_ROUTINE /*routine*/,
                               PVOID /*context*/, PIO_STATUS_BLOCK result, ULONG code, PVOID in,
                               ULONG in_size, PVOID out, ULONG out_size) {
  test::FakeFile& fake = test::fake(file);
  switch (code) {
    case FSCTL_GET_REPARSE_POINT:
      return test::give(fake.reparse_data, out, out_size, result);
    case FSCTL_SET_REPARSE_POINT:
      return test::set_reparse(file, {static_cast<const std::byte*>(in), in_size});
    case FSCTL_SET_SPARSE:
      fake.is_sparse = true;
      return kSuccess;
    case FSCTL_QUERY_ALLOCATED_RANGES:
      return test::allocated(file, in, out, out_size, result);
    default:
      return cim::nt_status::kInvalidDeviceRequest;
  }
}

NTSTATUS NTAPI NtQuerySecurityObject(HANDLE file, SECURITY_INFORMATION parts,
                                     PSECURITY_DESCRIPTOR descriptor, ULONG size, PULONG needed) {
  constexpr auto kBufferTooSmall = static_cast<NTSTATUS>(0xC0000023);
  if (!test::may_use_audit_entries(file, parts)) {
    return kAccessDenied;
  }
  cim::SecurityDescriptor found;
  test::copy_parts(test::fake(file).descriptor.value_or(cim::SecurityDescriptor{}), parts, found);
  const cim::Bytes bytes = found.encode();
  *needed = static_cast<ULONG>(bytes.size());
  if (size < bytes.size()) {
    return kBufferTooSmall;
  }
  std::memcpy(descriptor, bytes.data(), bytes.size());
  return kSuccess;
}

NTSTATUS NTAPI NtSetSecurityObject(HANDLE file, SECURITY_INFORMATION parts,
                                   PSECURITY_DESCRIPTOR descriptor) {
  constexpr SECURITY_INFORMATION kOwners = OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION;
  if (!test::FakeNtfs::current()->may_set_owners && (parts & kOwners) != 0) {
    return cim::nt_status::kInvalidOwner;
  }
  if (!test::may_use_audit_entries(file, parts)) {
    return kAccessDenied;
  }
  const auto* const bytes = static_cast<const std::byte*>(descriptor);
  auto given = cim::SecurityDescriptor::parse(
      {bytes, static_cast<std::size_t>(::GetSecurityDescriptorLength(descriptor))});
  test::drop_inheritance(given);
  auto& stored = test::fake(file).descriptor;
  stored = stored.value_or(cim::SecurityDescriptor{});
  test::copy_parts(given, parts, *stored);
  return kSuccess;
}
}
// NOLINTEND(readability-identifier-naming)
