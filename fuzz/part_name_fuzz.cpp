// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is the name of a file in a directory of images. A name that is taken for that of a
// region or object id file must be the one that writers choose for it, but for case.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/upcase.h"
#include "image/read/region_files.h"
#include "image/read/store_listing.h"

namespace {

std::string name_of(const cim::PartName& part) {
  return part.kind == cim::ImageFileKind::kRegion
             ? cim::region_file_name(part.region_set, part.index)
             : cim::object_id_file_name(part.region_set, part.index);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // char may alias any object.
  const std::string_view name(reinterpret_cast<const char*>(data), size);
  const auto exact = cim::parse_part_name(name);
  const auto any = cim::parse_part_name_ignoring_case(name);
  if ((exact && (!any || name_of(*exact) != name)) ||
      (any && name_of(*any) != cim::to_ascii_lower(name)) ||
      (any && cim::is_temporary_name(name))) {
    std::abort();
  }
  return 0;
}
