// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/write/back_references.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cimlib/error.h"

#include "base/checked_math.h"
#include "image/read/region_files.h"
#include "os/file.h"

namespace cim {

BackReferences::BackReferences(const ImageReader& image) {
  const auto directory = image_directory(image.path());
  std::size_t region = 0;
  for (const RegionSet& set : image.region_sets()) {
    bool is_told = false;
    for (unsigned i = 0; i < set.region_count; ++i, ++region) {
      is_told |= image.files().regions()[region].type == RegionType::kMetadata &&
                 look_at(directory / object_id_file_name(set.guid, i));
    }
    is_complete_ = is_complete_ && is_told;
  }
}

bool BackReferences::look_at(const std::filesystem::path& path) {
  try {
    const File file = File::open_read_unlinked(path);
    List list = {.path = path};
    std::array<std::byte, format::kObjectIdHeaderSize> head{};
    file.read_at(0, head);
    const auto header = format::decode_object_id_header(head, path.string());
    const std::uint64_t start =
        header.table_offset + std::uint64_t{header.count} * format::kObjectIdEntrySize;
    std::array<std::byte, format::kBackReferencesHeaderSize> list_head{};
    file.read_at(start, list_head);
    const auto count = format::decode_back_references_header(list_head);
    list.offset = start + list_head.size();
    list.count = count.value_or(0);
    if (!count || !fits_within(list.offset, std::uint64_t{*count} * format::kBackReferenceSize,
                               file.size())) {
      return false;
    }
    lists_.push_back(std::move(list));
    return true;
  } catch (const Error&) {  // an image is complete without it
    return false;
  }
}

void BackReferences::for_each(
    const std::function<void(const format::BackReference&)>& visit) const {
  constexpr std::uint32_t kAtOnce = 8192;
  Bytes bytes;
  for (const List& list : lists_) {
    const File file = File::open_read_unlinked(list.path);
    for (std::uint32_t first = 0; first < list.count; first += kAtOnce) {
      const std::uint32_t count = std::min(kAtOnce, list.count - first);
      bytes.resize(count * format::kBackReferenceSize);
      file.read_at(list.offset + std::uint64_t{first} * format::kBackReferenceSize, bytes);
      ByteReader reader(bytes, "");
      for (std::uint32_t i = 0; i < count; ++i) {
        visit(format::decode_back_reference(reader));
      }
    }
  }
}

}  // namespace cim
