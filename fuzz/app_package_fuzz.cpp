// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Whole packages and bundles: opening one and reading all of its files.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>

#include "cimlib/error.h"

#include "appx/package.h"

namespace {

class MemoryBytes final : public cim::appx::RandomAccess {
 public:
  explicit MemoryBytes(cim::ByteView bytes)
      : RandomAccess("package", bytes.size()), bytes_(bytes) {}

  void read_at(std::uint64_t offset, std::span<std::byte> into) const override {
    if (offset > bytes_.size() || into.size() > bytes_.size() - offset) {
      throw cim::Error(cim::ErrorCode::kCorrupt, name(), "ends too early");
    }
    std::ranges::copy(bytes_.subspan(static_cast<std::size_t>(offset), into.size()), into.begin());
  }

 private:
  cim::ByteView bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto bytes = std::as_bytes(std::span(data, size));
    const cim::appx::Package package(
        std::make_shared<cim::appx::ZipArchive>(std::make_shared<MemoryBytes>(bytes)));
    const cim::appx::PartList& parts = package.container().parts();
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const cim::appx::Part part = parts.part(i);
      if (!part.name.is_directory) {
        package.container().read(part, [](const cim::SharedBytes&) {});
      }
    }
  } catch (const cim::Error&) {
    // Most inputs should be rejected.
  }
  return 0;
}
