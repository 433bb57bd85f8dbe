// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cerrno>

#include <unistd.h>

#include "cimlib/error.h"

#include "image/host/sparse_reader.h"
#include "os/system_error.h"

namespace cim {
namespace {

constexpr std::size_t kPieceSize = std::size_t{1} << 20;

// The bytes of a hole are hashed like others, though not read: in pieces, so that a caller that
// waits can still cancel.
constexpr std::uint64_t kHolePieceSize = std::uint64_t{16} << 20;

void hand_on_hole(std::uint64_t count, const std::function<void(std::uint64_t)>& hole) {
  while (count > 0) {
    const std::uint64_t size = std::min(count, kHolePieceSize);
    hole(size);
    count -= size;
  }
}

std::size_t read_some(const HostEntry& file, std::uint64_t at, std::span<std::byte> into) {
  ssize_t got = -1;
  do {
    got = ::pread(file.descriptor(), into.data(), into.size(), static_cast<off_t>(at));
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    throw_system_error(errno, file.path(), "read");
  }
  return static_cast<std::size_t>(got);
}

}  // namespace

SparseReader::SparseReader() : buffer_(kPieceSize) {}

void SparseReader::read(const HostEntry& file, const std::function<void(std::uint64_t)>& hole,
                        const std::function<void(ByteView)>& data) {
  const int descriptor = file.descriptor();
  for (std::uint64_t at = 0; at < file.size();) {
    const off_t found = ::lseek(descriptor, static_cast<off_t>(at), SEEK_DATA);
    if (found < 0 && errno == ENXIO) {
      return hand_on_hole(at == 0 ? 0 : file.size() - at, hole);
    }
    const std::uint64_t start =
        found < 0 ? at : std::min(static_cast<std::uint64_t>(found), file.size());
    hand_on_hole(start - at, hole);
    const off_t end = found < 0 ? -1 : ::lseek(descriptor, found, SEEK_HOLE);
    at = end < 0 ? file.size() : std::min(static_cast<std::uint64_t>(end), file.size());
    read_range(file, start, at, data);
  }
}

void SparseReader::read_range(const HostEntry& file, std::uint64_t start, std::uint64_t end,
                              const std::function<void(ByteView)>& data) {
  while (start < end) {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(end - start, buffer_.size()));
    const std::size_t got = read_some(file, start, std::span(buffer_).first(wanted));
    if (got == 0) {
      throw Error(ErrorCode::kIo, file.path(), "it was truncated while it was read");
    }
    data(std::span(buffer_).first(got));
    start += got;
  }
}

}  // namespace cim
