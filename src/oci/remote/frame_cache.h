// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A directory of packed frames that were read from registries, named by their digests, up to a
// number of bytes. Several processes may use one directory.

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>

#include "base/bytes.h"
#include "os/crypto.h"

namespace cim::oci {

/// Safe to use from several threads. Nothing that goes wrong with the directory is an error: frames
/// that cannot be kept are fetched again.
class FrameCache {
 public:
  /// Creates the directory if it is missing; only this user may then enter it. With an empty path
  /// or a size of 0 nothing is kept. Throws if the directory cannot be created.
  FrameCache(std::filesystem::path directory, std::uint64_t max_size);

  /// Returns a frame with that digest, which is verified; nullopt if there is none.
  std::optional<Bytes> find(const Sha256Digest& digest, std::uint64_t size);
  /// Keeps a frame, and removes those that were used least recently if there are too many.
  void insert(const Sha256Digest& digest, ByteView frame);

 private:
  bool is_on() const noexcept { return !directory_.empty() && max_size_ != 0; }
  std::filesystem::path path_of(const Sha256Digest& digest) const;
  void make_room();

  std::filesystem::path directory_;
  std::uint64_t max_size_;
  std::mutex mutex_;
  std::uint64_t size_ = 0;  // of all frames, as far as known
};

}  // namespace cim::oci
