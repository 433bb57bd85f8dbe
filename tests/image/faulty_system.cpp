// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/faulty_system.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <span>
#include <vector>

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace cim::test {
namespace {

FaultKind kind = FaultKind::kNone;
std::atomic<std::uint64_t> place = 0;
std::atomic<std::uint64_t> calls = 0;
std::atomic<std::uint64_t> bytes = 0;

void die() {
  ::kill(::getpid(), SIGKILL);
}

// What happens to the current call.
enum class Fate { kWorks, kFails, kFailsHalfway, kDiesWithin, kDiesAfter };

Fate fail_with(int error_number, Fate fate) {
  errno = error_number;
  return fate;
}

Fate fate_of_call() {
  const bool is_due = ++calls == place;
  switch (is_due ? kind : FaultKind::kNone) {
    case FaultKind::kIoError:
      return fail_with(EIO, Fate::kFails);
    case FaultKind::kNoSpace:
      return fail_with(ENOSPC, Fate::kFailsHalfway);
    case FaultKind::kKillBefore:
      die();
      return Fate::kFails;
    case FaultKind::kKillWithin:
      return Fate::kDiesWithin;
    case FaultKind::kKillAfter:
      return Fate::kDiesAfter;
    default:
      return Fate::kWorks;
  }
}

bool is_disk_full(std::uint64_t more) {
  if (kind != FaultKind::kDiskFull || bytes + more <= place) {
    return false;
  }
  errno = ENOSPC;
  return true;
}

template <typename Call>
int change(Call call) {
  const Fate fate = fate_of_call();
  if (fate == Fate::kFails || fate == Fate::kFailsHalfway) {
    return -1;
  }
  const auto result = static_cast<int>(call());
  if (fate != Fate::kWorks) {
    die();
  }
  return result;
}

ssize_t write_bytes(int file, const void* data, std::size_t size, off_t offset) {
  const Fate fate = fate_of_call();
  const bool is_halved = fate == Fate::kFailsHalfway || fate == Fate::kDiesWithin;
  if (fate == Fate::kFails || is_disk_full(size) || (fate == Fate::kFailsHalfway && size < 2)) {
    return -1;
  }
  const ssize_t put = ::syscall(SYS_pwrite64, file, data, is_halved ? size / 2 : size, offset);
  bytes += put > 0 ? static_cast<std::uint64_t>(put) : 0;
  if (fate == Fate::kDiesWithin || fate == Fate::kDiesAfter) {
    die();
  }
  if (fate == Fate::kFailsHalfway) {
    place = calls + 1;  // the writer continues with the rest, and that call fails
  }
  return put;
}

// Joins all pieces, so that half of the bytes means half of the whole.
ssize_t write_pieces(int file, const iovec* pieces, int count, off_t offset) {
  std::vector<char> all;
  for (const iovec& piece : std::span(pieces, static_cast<std::size_t>(count))) {
    const char* const begin = static_cast<const char*>(piece.iov_base);
    all.insert(all.end(), begin, begin + piece.iov_len);
  }
  return write_bytes(file, all.data(), all.size(), offset);
}

int open_file(int directory, const char* path, int flags, mode_t mode) {
  const auto open = [&] { return ::syscall(SYS_openat, directory, path, flags, mode); };
  if ((flags & O_CREAT) == 0) {
    return static_cast<int>(open());
  }
  return is_disk_full(1) ? -1 : change(open);
}

}  // namespace

void arm(Fault fault) noexcept {
  kind = fault.kind;
  place = fault.place;
  calls = 0;
  bytes = 0;
}

std::uint64_t changing_calls() noexcept {
  return calls;
}

std::uint64_t bytes_written() noexcept {
  return bytes;
}

}  // namespace cim::test

// The C library's names of these functions.
extern "C" {

ssize_t pwrite(int file, const void* data, std::size_t size, off_t offset) {
  return cim::test::write_bytes(file, data, size, offset);
}
ssize_t pwritev(int file, const iovec* pieces, int count, off_t offset) {
  return cim::test::write_pieces(file, pieces, count, offset);
}
int fdatasync(int file) {
  return cim::test::change([=] { return ::syscall(SYS_fdatasync, file); });
}
int fsync(int file) {
  return cim::test::change([=] { return ::syscall(SYS_fsync, file); });
}
int sync_file_range(int file, off64_t offset, off64_t size, unsigned flags) {
  return cim::test::change(
      [=] { return ::syscall(SYS_sync_file_range, file, offset, size, flags); });
}
int ftruncate(int file, off_t size) noexcept {
  return cim::test::change([=] { return ::syscall(SYS_ftruncate, file, size); });
}
int rename(const char* from, const char* to) noexcept {
  return cim::test::change(
      [=] { return ::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0); });
}
int renameat2(int from_directory, const char* from, int to_directory, const char* to,
              unsigned flags) noexcept {
  return cim::test::change(
      [=] { return ::syscall(SYS_renameat2, from_directory, from, to_directory, to, flags); });
}
int link(const char* from, const char* to) noexcept {
  return cim::test::change([=] { return ::syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0); });
}
int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return cim::test::open_file(AT_FDCWD, path, flags, mode);
}

// On 32-bit systems, _FILE_OFFSET_BITS gives these names to the functions above.
#ifdef __LP64__
ssize_t pwrite64(int file, const void* data, std::size_t size, off64_t offset) {
  return cim::test::write_bytes(file, data, size, offset);
}
ssize_t pwritev64(int file, const iovec* pieces, int count, off64_t offset) {
  return cim::test::write_pieces(file, pieces, count, offset);
}
int ftruncate64(int file, off64_t size) noexcept {
  return cim::test::change([=] { return ::syscall(SYS_ftruncate, file, size); });
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return cim::test::open_file(AT_FDCWD, path, flags, mode);
}
#endif

}  // extern "C"
