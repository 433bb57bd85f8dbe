// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "faults/volume.h"

#include <cstdlib>
#include <string>
#include <system_error>

#include <unistd.h>

namespace cim::test {
namespace {

constexpr std::uint64_t kSize = 64U << 20;

bool make_file_system(const MemoryDisk& disk) {
  const std::string command =
      "PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q -F -J size=4 -E lazy_itable_init=0 " +
      disk.path().string() + " >/dev/null 2>&1";
  return std::system(command.c_str()) == 0;
}

}  // namespace

Volume::Volume() {
  if (::geteuid() == 0) {
    disk_.emplace(kSize);
    try {
      if (make_file_system(*disk_)) {
        mounted_.emplace(disk_->descriptor(), "ext4");
      }
    } catch (const std::system_error&) {  // no loop devices here, or mounting is forbidden
    }
  }
  if (!mounted_) {
    disk_.reset();
    directory_.emplace();
  }
}

const std::filesystem::path& Volume::path() const noexcept {
  return mounted_ ? mounted_->path() : directory_->path();
}

void Volume::remount() {
  if (mounted_) {
    mounted_->remount();
  }
}

}  // namespace cim::test
