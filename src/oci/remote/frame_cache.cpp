// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The time of the last write of a file is that of its last use. A process adds up what it writes
// and looks at the whole directory when that exceeds the limit, so that it also counts what others
// wrote meanwhile.
#include "oci/remote/frame_cache.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cimlib/error.h"

#include "image/read/store_listing.h"
#include "os/file.h"
#include "os/host_path.h"
#include "os/system_error.h"

namespace cim::oci {
namespace {

using std::filesystem::path;

constexpr std::string_view kFrameSuffix = ".frame";
// A file of another program may have a frame's name.
constexpr std::uint64_t kLargestKept = std::uint64_t{2} << 20;

struct KeptFrame {
  path file;
  std::uint64_t size = 0;
  std::filesystem::file_time_type used;
};

std::vector<KeptFrame> frames_in(const path& directory) {
  std::vector<KeptFrame> frames;
  for (const auto& entry : entries_of(directory)) {
    std::error_code gone;
    if (entry.path().extension() == kFrameSuffix ||
        is_temporary_name(entry.path().filename().string())) {
      KeptFrame frame{entry.path(), entry.file_size(gone), entry.last_write_time(gone)};
      if (!gone && entry.is_regular_file(gone)) {
        frames.push_back(std::move(frame));
      }
    }
  }
  return frames;
}

}  // namespace

FrameCache::FrameCache(path directory, std::uint64_t max_size)
    : directory_(std::move(directory)), max_size_(max_size) {
  if (!is_on()) {
    return;
  }
  std::error_code error;
  if (std::filesystem::create_directories(directory_, error) && !error) {
    std::filesystem::permissions(directory_, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    throw_system_error(error, directory_.string(), "create");
  }
  for (const KeptFrame& frame : frames_in(directory_)) {
    size_ += frame.size;
  }
}

path FrameCache::path_of(const Sha256Digest& digest) const {
  return directory_ / (to_hex(digest) + std::string(kFrameSuffix));
}

std::optional<Bytes> FrameCache::find(const Sha256Digest& digest, std::uint64_t size) {
  if (!is_on()) {
    return std::nullopt;
  }
  const path file = path_of(digest);
  try {
    Bytes bytes = read_whole_file(file, kLargestKept);
    if (bytes.size() != size || Sha256::of(bytes) != digest) {
      return std::nullopt;
    }
    std::error_code ignored;
    std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now(), ignored);
    return bytes;
  } catch (const Error&) {
    return std::nullopt;
  }
}

// The file needs not be durable: its digest shows whether it is complete.
void FrameCache::insert(const Sha256Digest& digest, ByteView frame) {
  if (!is_on() || frame.size() > max_size_) {
    return;
  }
  const std::lock_guard lock(mutex_);
  try {
    const path target = path_of(digest);
    const path staged = temporary_name(target);
    try {
      File file = File::create_new(staged);
      file.write_at(0, frame);
      file.close();
      rename_file(staged, target);
    } catch (const Error&) {
      std::error_code ignored;
      std::filesystem::remove(staged, ignored);
      throw;
    }
    size_ += frame.size();
    if (size_ > max_size_) {
      make_room();
    }
  } catch (const Error&) {  // a full disk, for example
  }
}

void FrameCache::make_room() {
  std::vector<KeptFrame> frames = frames_in(directory_);
  std::ranges::sort(frames, {}, &KeptFrame::used);
  size_ = 0;
  for (const KeptFrame& frame : frames) {
    size_ += frame.size;
  }
  const std::uint64_t goal = max_size_ - max_size_ / 8;
  for (const KeptFrame& frame : frames) {
    if (size_ <= goal) {
      break;
    }
    remove_file(frame.file);
    size_ -= frame.size;
  }
}

}  // namespace cim::oci
