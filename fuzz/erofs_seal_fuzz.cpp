// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is a file from the cache of metadata images. It is either rejected, or its seal data is
// read back unchanged after the file is sealed with them. Seals with another key or checksum are
// rejected.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <sys/mman.h>

#include "cimlib/error.h"

#include "mount/erofs/seal.h"
#include "os/file.h"

namespace {

using cim::mount::erofs::kOmissionKinds;
using cim::mount::erofs::OmissionKind;
using cim::mount::erofs::SealData;

cim::File file_in_memory(cim::ByteView bytes) {
  auto file = cim::File::adopt(::memfd_create("metadata", MFD_CLOEXEC), "metadata");
  file.write_at(0, bytes);
  return file;
}

bool is_same(const SealData& a, const SealData& b) {
  for (std::size_t i = 0; i < kOmissionKinds; ++i) {
    const auto& one = a.omissions.of(static_cast<OmissionKind>(i));
    const auto& other = b.omissions.of(static_cast<OmissionKind>(i));
    if (one.count != other.count || one.examples != other.examples) {
      return false;
    }
  }
  return a.image == b.image && a.probe.path == b.probe.path && a.probe.file == b.probe.file;
}

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const cim::File file = file_in_memory(bytes);
  cim::Guid key;
  key.bytes.fill(std::byte{'k'});
  try {
    cim::mount::erofs::check_seal(file, key);
  } catch (const cim::Error&) {  // the checksum matches, but the seal data is invalid
  }
  const auto seal_data = cim::mount::erofs::read_seal_data(file);
  if (!seal_data) {
    return 0;
  }
  cim::File again = file_in_memory(bytes);
  cim::mount::erofs::seal(again, key, *seal_data);
  const auto found = cim::mount::erofs::check_seal(again, key);
  require(found && is_same(*found, *seal_data));
  require(!cim::mount::erofs::check_seal(again, cim::Guid{}));
  again.write_at(0, cim::as_bytes(size == 0 || data[0] != 'x' ? "x" : "y"));
  require(!cim::mount::erofs::check_seal(again, key));
  return 0;
}
