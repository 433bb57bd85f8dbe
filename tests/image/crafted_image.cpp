// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/crafted_image.h"

#include <algorithm>
#include <fstream>

#include "base/endian.h"
#include "base/upcase.h"
#include "format/header.h"
#include "image/read/region_files.h"
#include "image/sample_image.h"

namespace cim::test {
namespace {

void write_file(const std::filesystem::path& path, ByteView bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

CraftedImage::CraftedImage() {
  for (std::uint8_t i = 0; i < regions_.size(); ++i) {
    regions_[i] = format::encode(format::RegionHeader{.index = i, .type = i});
  }
  Bytes descriptor = {std::byte{20}, std::byte{0}, std::byte{1},
                      std::byte{0},  std::byte{4}, std::byte{0x80}};
  descriptor.resize(2 + 20);
  descriptor_ = put(descriptor);
}

format::RegionOffset CraftedImage::put(ByteView bytes, std::uint16_t region) {
  const std::size_t unit = region == 1 ? 4096 : 8;
  Bytes& into = regions_.at(region);
  into.resize((into.size() + unit - 1) / unit * unit);
  const std::size_t start = into.size();
  append(into, bytes);
  return {region, start};
}

format::FileRecord CraftedImage::directory(const format::LinkTableBuilder& names) {
  const Bytes table = names.finish();
  return directory(put(table), table.size());
}

format::FileRecord CraftedImage::directory(format::RegionOffset table,
                                           std::uint64_t claimed) const {
  format::FileRecord record;
  record.stream = {table, claimed, format::StreamType::kLinkTable};
  record.security_descriptor = descriptor_;
  record.parent = 1;
  return record;
}

format::FileRecord CraftedImage::file(ByteView bytes) {
  format::FileRecord record;
  record.stream = {put(bytes, 2), bytes.size()};
  record.security_descriptor = descriptor_;
  record.parent = 1;
  return record;
}

void CraftedImage::write(const std::filesystem::path& image) {
  Bytes upcase;
  for (const char16_t unit : upcase_table()) {
    append(upcase, Le16(static_cast<std::uint16_t>(unit)));
  }
  format::Filesystem filesystem = {.upcase_table = put(upcase), .file_tables = {}, .root = 1};
  Bytes list;
  for (const format::FileTable& table : tables_) {
    append(list, format::encode(table));
  }
  for (std::size_t first = 0; first < records_.size(); first += format::kFilesPerTable) {
    const std::size_t count =
        std::min<std::size_t>(records_.size() - first, format::kFilesPerTable);
    Bytes records;
    for (std::size_t i = first; i < first + count; ++i) {
      append(records, format::encode(records_[i]));
    }
    append(list, format::encode(format::FileTable{put(records), static_cast<std::uint16_t>(count),
                                                  format::kFileRecordSize}));
  }
  filesystem.file_tables = put(list);
  filesystem.file_table_count =
      static_cast<std::uint32_t>(list.size() / sizeof(format::DiskFileTable));
  Bytes object;
  append(object, format::encode(filesystem));
  const auto root = put(object);
  const auto directory = image_directory(image);
  for (unsigned i = 0; i < regions_.size(); ++i) {
    write_file(directory / region_file_name(kSampleGuid, i), regions_[i]);
  }
  if (claimed_metadata_ != 0) {
    std::filesystem::resize_file(directory / region_file_name(kSampleGuid, 0), claimed_metadata_);
  }
  write_file(image,
             format::encode(format::FilesystemHeader{.own = {kSampleGuid, 3}, .filesystem = root}));
}

}  // namespace cim::test
