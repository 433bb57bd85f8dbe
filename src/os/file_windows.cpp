// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Files are opened by Windows' own functions, so that other processes may read, replace and remove
// them while they are open, and kept as descriptors of the C library, so that they are numbers as
// on other systems.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <windows.h>
#include <winioctl.h>

#include "os/file.h"
#include "os/native_windows.h"
#include "os/system_error.h"

namespace cim {
namespace {

constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;
// The offset argument of a positional call.
OVERLAPPED at_offset(std::uint64_t offset) {
  OVERLAPPED place{};
  place.Offset = static_cast<DWORD>(offset);
  place.OffsetHigh = static_cast<DWORD>(offset >> 32);
  return place;
}

// Replaces the target atomically even while others have it open; needs Windows 10 1709 and NTFS.
bool replace_posix(HANDLE file, const std::wstring& to) {
  constexpr auto kFileRenameInfoEx = static_cast<FILE_INFO_BY_HANDLE_CLASS>(22);
  constexpr DWORD kReplaceIfExists = 1;
  constexpr DWORD kPosixSemantics = 2;
  struct Information {  // FILE_RENAME_INFO with flags, without a name
    DWORD flags;
    HANDLE root;
    DWORD name_size;
  };
  constexpr std::size_t kNameOffset = offsetof(Information, name_size) + sizeof(DWORD);
  const std::size_t name_size = to.size() * sizeof(wchar_t);
  std::vector<std::byte> buffer(std::max(sizeof(Information), kNameOffset) + name_size +
                                sizeof(wchar_t));
  const Information information{kReplaceIfExists | kPosixSemantics, nullptr,
                                static_cast<DWORD>(name_size)};
  const ByteView head = std::as_bytes(std::span(&information, 1)).first(kNameOffset);
  std::copy(head.begin(), head.end(), buffer.begin());
  const ByteView name = std::as_bytes(std::span(to));
  std::copy(name.begin(), name.end(), buffer.begin() + kNameOffset);
  return ::SetFileInformationByHandle(file, kFileRenameInfoEx, buffer.data(),
                                      static_cast<DWORD>(buffer.size())) != 0;
}

File open_regular(const std::filesystem::path& path, DWORD more_flags) {
  // With backup semantics directories can be opened too, and thus told apart from denied access.
  HANDLE const handle =
      ::CreateFileW(native_path(path).c_str(), GENERIC_READ, kShareAll, nullptr, OPEN_EXISTING,
                    FILE_FLAG_BACKUP_SEMANTICS | more_flags, nullptr);
  if (handle == INVALID_HANDLE_VALUE) {
    throw_last_error(path, "open");
  }
  File file = File::adopt(descriptor_of(handle, path.string()), path);
  FILE_ATTRIBUTE_TAG_INFO information{};
  if (::GetFileType(handle) != FILE_TYPE_DISK ||
      ::GetFileInformationByHandleEx(handle, FileAttributeTagInfo, &information,
                                     sizeof(information)) == 0 ||
      (information.FileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
    throw Error(ErrorCode::kInvalidArgument, path.string(), "not a regular file");
  }
  const bool is_link = information.ReparseTag == IO_REPARSE_TAG_SYMLINK ||
                       information.ReparseTag == IO_REPARSE_TAG_MOUNT_POINT;
  if (more_flags != 0 && is_link) {
    throw Error(ErrorCode::kInvalidArgument, path.string(),
                "is a symbolic link, which is not followed here");
  }
  return file;
}

}  // namespace

File::~File() {
  if (descriptor_ >= 0) {
    ::_close(descriptor_);  // sync() has flushed what must be on disk, and reported errors
  }
}

void File::close() {
  if (::_close(std::exchange(descriptor_, -1)) != 0) {
    throw_last_error(path_, "write");
  }
}

File File::open_read(const std::filesystem::path& path) {
  return open_regular(path, 0);
}

File File::open_read_unlinked(const std::filesystem::path& path) {
  return open_regular(path, FILE_FLAG_OPEN_REPARSE_POINT);
}

File File::create_new(const std::filesystem::path& path) {
  // DELETE is needed to rename the file.
  HANDLE const handle =
      ::CreateFileW(native_path(path).c_str(), GENERIC_READ | GENERIC_WRITE | DELETE, kShareAll,
                    nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) {
    throw_last_error(path, "create");
  }
  return {descriptor_of(handle, path.string()), path};
}

std::uint64_t File::size() const {
  LARGE_INTEGER size{};
  if (::GetFileSizeEx(handle_of(descriptor_), &size) == 0) {
    throw_last_error(path_, "access");
  }
  return static_cast<std::uint64_t>(size.QuadPart);
}

FileStamp File::stamp() const {
  BY_HANDLE_FILE_INFORMATION information{};
  if (::GetFileInformationByHandle(handle_of(descriptor_), &information) == 0) {
    throw_last_error(path_, "access");
  }
  const auto joined = [](DWORD high, DWORD low) { return std::uint64_t{high} << 32 | low; };
  return {.device = information.dwVolumeSerialNumber,
          .number = joined(information.nFileIndexHigh, information.nFileIndexLow),
          .size = joined(information.nFileSizeHigh, information.nFileSizeLow),
          .written = static_cast<std::int64_t>(joined(information.ftLastWriteTime.dwHighDateTime,
                                                      information.ftLastWriteTime.dwLowDateTime))};
}

std::uint64_t File::size_without_holes() const {
  return size();
}

std::size_t File::read_some_at(std::uint64_t offset, std::span<std::byte> into) const {
  std::size_t done = 0;
  while (done < into.size()) {
    OVERLAPPED place = at_offset(offset + done);
    const auto wanted = static_cast<DWORD>(std::min(into.size() - done, kMostAtOnce));
    DWORD got = 0;
    if (::ReadFile(handle_of(descriptor_), into.data() + done, wanted, &got, &place) == 0) {
      if (::GetLastError() == ERROR_HANDLE_EOF) {
        break;
      }
      throw_last_error(path_, "read");
    }
    if (got == 0) {
      break;
    }
    done += got;
  }
  return done;
}

void File::write_at(std::uint64_t offset, ByteView bytes) {
  while (!bytes.empty()) {
    OVERLAPPED place = at_offset(offset);
    const auto wanted = static_cast<DWORD>(std::min(bytes.size(), kMostAtOnce));
    DWORD put = 0;
    if (::WriteFile(handle_of(descriptor_), bytes.data(), wanted, &put, &place) == 0) {
      throw_last_error(path_, "write");
    }
    bytes = bytes.subspan(put);
    offset += put;
  }
}

// One by one: WriteFileGather() accepts only whole pages and unbuffered files.
void File::write_pieces_at(std::uint64_t offset, std::span<const ByteView> pieces) {
  for (const ByteView piece : pieces) {
    write_at(offset, piece);
    offset += piece.size();
  }
}

void File::resize(std::uint64_t size) {
  FILE_END_OF_FILE_INFO end{};
  end.EndOfFile.QuadPart = static_cast<LONGLONG>(size);
  if (::SetFileInformationByHandle(handle_of(descriptor_), FileEndOfFileInfo, &end, sizeof end) ==
      0) {
    throw_last_error(path_, "set the size of");
  }
}

void File::allow_holes() noexcept {
  DWORD returned = 0;
  ::DeviceIoControl(handle_of(descriptor_), FSCTL_SET_SPARSE, nullptr, 0, nullptr, 0, &returned,
                    nullptr);
}

void File::start_reading(std::uint64_t /*offset*/, std::uint64_t /*size*/) const noexcept {
  // Windows has no such hint; it reads ahead by itself.
}

void File::read_nothing_ahead() noexcept {
  // Windows takes this hint only when a file is opened.
}

void File::start_writeback(std::uint64_t /*offset*/, std::uint64_t /*size*/) {
  // Windows has no such hint; it writes back by itself.
}

void File::wait_for_writeback() {
  sync();  // Windows has no weaker call
}

// A file that is open only for reading cannot be flushed; it is reopened for writing.
void File::sync() {
  if (::FlushFileBuffers(handle_of(descriptor_)) != 0) {
    return;
  }
  if (::GetLastError() != ERROR_ACCESS_DENIED) {
    throw_last_error(path_, "flush");
  }
  HANDLE const handle = ::CreateFileW(native_path(path_).c_str(), GENERIC_WRITE, kShareAll, nullptr,
                                      OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) {
    throw_last_error(path_, "flush");
  }
  const bool is_flushed = ::FlushFileBuffers(handle) != 0;
  const DWORD error = ::GetLastError();
  ::CloseHandle(handle);
  if (!is_flushed) {
    throw_system_error(static_cast<int>(error), path_.string(), "flush");
  }
}

void sync_together(std::span<File* const> files) {
  for (File* const file : files) {
    file->sync();
  }
}

AtomicFile::~AtomicFile() {
  if (!published_) {
    ::DeleteFileW(native_path(file_.path()).c_str());
  }
}

// A move without MOVEFILE_REPLACE_EXISTING fails atomically if the name is taken.
void AtomicFile::publish(Publish mode, const std::function<void()>& published) {
  file_.sync();
  const std::wstring from = native_path(file_.path());
  const std::wstring to = native_path(target_);
  if (mode == Publish::kFailIfThere) {
    if (::MoveFileExW(from.c_str(), to.c_str(), MOVEFILE_WRITE_THROUGH) == 0) {
      throw_last_error(target_, "create");
    }
  } else if (!replace_posix(handle_of(file_.descriptor()), to) &&
             ::MoveFileExW(from.c_str(), to.c_str(),
                           MOVEFILE_WRITE_THROUGH | MOVEFILE_REPLACE_EXISTING) == 0) {
    throw_last_error(target_, "replace");
  }
  published_ = true;
  published();
}

}  // namespace cim
