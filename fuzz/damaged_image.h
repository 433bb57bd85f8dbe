// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The sample image, damaged as the input says. An image is several files, most of whose bytes are a
// fixed table. The input is therefore not an image but a list of changes to a valid one: { u8 file,
// u24 offset, u8 count, count bytes }, little-endian; a count of zero truncates the file at the
// offset.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "image/read/region_files.h"
#include "image/sample_image.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim::fuzz {

/// The files that an input can change.
enum class Damages { kWhatIsRead, kObjectIdsToo };

class DamagedImage {
 public:
  explicit DamagedImage(Damages damages) {
    paths_.push_back(directory_.path() / "sample.cim");
    test::write_sample_image(paths_.front());
    for (unsigned i = 0; i < 3; ++i) {
      paths_.push_back(directory_.path() / region_file_name(test::kSampleGuid, i));
    }
    for (unsigned i = 0; i < 3 && damages == Damages::kObjectIdsToo; ++i) {
      paths_.push_back(directory_.path() / object_id_file_name(test::kSampleGuid, i));
    }
    for (const auto& path : paths_) {
      good_.push_back(read_whole_file(path, 1U << 24));
    }
    on_disk_ = good_;
  }

  /// Discards earlier damage, applies `changes` and returns the image's path.
  const std::filesystem::path& damage(std::span<const std::uint8_t> changes) {
    std::vector<Bytes> damaged = good_;
    while (changes.size() >= kChangeSize) {
      Bytes& file = damaged[changes[0] % damaged.size()];
      const std::size_t offset =
          (changes[1] | std::size_t{changes[2]} << 8 | std::size_t{changes[3]} << 16) %
          (file.size() + 1);
      const std::size_t count = std::min<std::size_t>(changes[4], changes.size() - kChangeSize);
      if (count == 0) {
        file.resize(offset);
      }
      for (std::size_t i = 0; i < count && offset + i < file.size(); ++i) {
        file[offset + i] = std::byte{changes[kChangeSize + i]};
      }
      changes = changes.subspan(kChangeSize + count);
    }
    // Thousands of missing regions would only take time.
    if (damaged.front().size() > kRegionCountHigh) {
      damaged.front()[kRegionCountHigh] = std::byte{0};
    }
    for (std::size_t i = 0; i < damaged.size(); ++i) {
      write(i, std::move(damaged[i]));
    }
    return paths_.front();
  }

 private:
  static constexpr std::size_t kChangeSize = 5;
  static constexpr std::size_t kRegionCountHigh = 49;  // in the filesystem file

  // Writes the file only if it differs from what is on disk.
  void write(std::size_t index, Bytes bytes) {
    if (on_disk_[index] != bytes) {
      std::ofstream(paths_[index], std::ios::binary | std::ios::trunc)
          .write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
      on_disk_[index] = std::move(bytes);
    }
  }

  test::TemporaryDirectory directory_;
  std::vector<std::filesystem::path> paths_;
  std::vector<Bytes> good_;
  std::vector<Bytes> on_disk_;
};

}  // namespace cim::fuzz
