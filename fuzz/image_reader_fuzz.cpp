// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Damages an image and reads all of it. An image is four files, the largest part of which is a
// fixed table, so the input is not the image but what is done to a good one: any number of changes
// of { u8 file, u24 offset, u8 count, count bytes }, little-endian; a count of zero cuts the file
// there.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <vector>

#include "base/file.h"
#include "image/read_everything.h"
#include "image/region_files.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace {

using cim::Bytes;

class Target {
 public:
  Target() {
    cim::test::write_sample_image(directory_.path() / "sample.cim");
    paths_.push_back(directory_.path() / "sample.cim");
    for (unsigned region = 0; region < 3; ++region) {
      paths_.push_back(directory_.path() / cim::region_file_name(cim::test::kSampleGuid, region));
    }
    for (const auto& path : paths_) {
      good_.push_back(cim::read_whole_file(path, 1U << 24));
    }
  }

  void run(std::span<const std::uint8_t> changes) {
    std::vector<Bytes> damaged = good_;
    while (changes.size() >= 5) {
      Bytes& file = damaged[changes[0] % damaged.size()];
      const std::size_t offset =
          (changes[1] | std::size_t{changes[2]} << 8 | std::size_t{changes[3]} << 16) %
          (file.size() + 1);
      const std::size_t count = std::min<std::size_t>(changes[4], changes.size() - 5);
      if (count == 0) {
        file.resize(offset);
      }
      for (std::size_t i = 0; i < count && offset + i < file.size(); ++i) {
        file[offset + i] = std::byte{changes[5 + i]};
      }
      changes = changes.subspan(5 + count);
    }
    for (std::size_t i = 0; i < damaged.size(); ++i) {
      write(i, damaged[i]);
    }
    cim::test::read_everything(paths_[0]);
  }

 private:
  // Only what differs from the file as it is on disk.
  void write(std::size_t index, const Bytes& bytes) {
    if (on_disk_.size() != good_.size()) {
      on_disk_ = good_;
    }
    if (on_disk_[index] != bytes) {
      std::ofstream(paths_[index], std::ios::binary | std::ios::trunc)
          .write(cim::as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
      on_disk_[index] = bytes;
    }
  }

  cim::test::TemporaryDirectory directory_;
  std::vector<std::filesystem::path> paths_;
  std::vector<Bytes> good_;
  std::vector<Bytes> on_disk_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Target target;
  target.run({data, size});
  return 0;
}
