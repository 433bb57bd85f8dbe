// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Packages: the names of a ZIP archive as parts, opening a package and reading all of its files.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>
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

// Every file is found by its name, and every directory precedes what is in it.
void check_parts(const cim::appx::PartList& parts) {
  std::set<cim::ImagePath> directories = {{}};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const cim::appx::Part part = parts.part(i);
    const auto found = parts.find(part.name.text);
    const bool is_found = found && part.entry && found->entry->index == part.entry->index;
    const bool has_parent = std::ranges::any_of(directories, [&](const cim::ImagePath& each) {
      return each.equals_ignoring_case(part.name.path.parent());
    });
    if (is_found == part.name.is_directory || !has_parent) {
      std::abort();
    }
    if (part.name.is_directory) {
      directories.insert(part.name.path);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto archive =
        std::make_shared<cim::appx::ZipArchive>(std::make_shared<MemoryBytes>(bytes));
    check_parts(cim::appx::PartList(archive));
    const cim::appx::Package package(archive);
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
