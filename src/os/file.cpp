// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The parts common to all systems; the rest is in file_posix.cpp and file_windows.cpp.
#include "os/file.h"

#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

namespace cim {

File::File(int descriptor, std::filesystem::path path) noexcept
    : descriptor_(descriptor), path_(std::move(path)) {}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

File File::adopt(int descriptor, std::filesystem::path path) noexcept {
  return {descriptor, std::move(path)};
}

void File::read_at(std::uint64_t offset, std::span<std::byte> into) const {
  const std::size_t got = read_some_at(offset, into);
  if (got < into.size()) {
    throw Error(
        ErrorCode::kCorrupt, path_.string(),
        fmt::format("{} bytes are needed here, but the file ends after {}", into.size(), got),
        offset);
  }
}

AtomicFile::AtomicFile(std::filesystem::path target)
    : target_(std::move(target)), file_(File::create_new(temporary_name(target_))) {}

Bytes read_whole_file(const std::filesystem::path& path, std::uint64_t limit) {
  const File file = File::open_read(path);
  const std::uint64_t size = file.size();
  if (size > limit) {
    throw Error(ErrorCode::kLimit, path.string(),
                fmt::format("{} bytes; the limit is {}", size, limit));
  }
  Bytes bytes(static_cast<std::size_t>(size));
  file.read_at(0, bytes);
  return bytes;
}

}  // namespace cim
