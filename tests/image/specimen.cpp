// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/specimen.h"

#include <fstream>

#include "format/disk_header.h"
#include "format/file_record.h"
#include "format/filesystem.h"
#include "image/read/region_files.h"
#include "image/sample_image.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim::test {
namespace {

const Guid kForkGuid = *Guid::parse("c1a1b1e5-0000-4000-8000-000000000002");

void write_fork(const std::filesystem::path& base, const std::filesystem::path& fork) {
  ImageWriter writer(fork, {.base = base, .region_set = kForkGuid});
  put(writer, "Files/new.txt", as_bytes("new"));
  writer.commit();
}

}  // namespace

Specimen::Specimen() {
  const TemporaryDirectory directory;
  const auto image = directory.path() / kSampleName;
  write_sample_image(image);
  write_fork(image, directory.path() / kForkName);
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    files_[entry.path().filename().string()] = read_whole_file(entry.path(), 1U << 24);
  }
  const ImageReader reader(image);
  records_ = static_cast<std::size_t>(reader.file_tables().front().records.byte_offset());
  upcase_table_ = static_cast<std::size_t>(reader.upcase_offset().byte_offset());
  const Image opened(image);
  opened.walk({}, [this](const WalkEntry& entry) {
    ids_[entry.path.to_string()] = entry.info.id;
    return true;
  });
}

std::string Specimen::region(unsigned index) {
  return region_file_name(kSampleGuid, index);
}
std::string Specimen::object_ids(unsigned index) {
  return object_id_file_name(kSampleGuid, index);
}

std::size_t Specimen::filesystem() const {
  constexpr std::size_t kField = offsetof(format::DiskFilesystemHeader, filesystem);
  Le64 offset;
  std::memcpy(&offset, &files_.at(std::string(kSampleName)).at(kField), sizeof offset);
  return static_cast<std::size_t>(std::uint64_t{offset});
}

std::size_t Specimen::file_tables() const {
  const std::size_t field = filesystem() + offsetof(format::DiskFilesystem, file_tables);
  Le64 offset;
  std::memcpy(&offset, &files_.at(region(0)).at(field), sizeof offset);
  return static_cast<std::size_t>(std::uint64_t{offset});
}

std::uint32_t Specimen::id(std::string_view path) const {
  return ids_.at(std::string(path));
}

std::size_t Specimen::record(std::string_view path) const {
  return records_ + (id(path) - 1) * format::kFileRecordSize;
}

std::size_t Specimen::directory(std::string_view path) const {
  Le64 offset;
  std::memcpy(&offset,
              &files_.at(region(0)).at(record(path) + offsetof(format::DiskFileRecord, stream)),
              sizeof offset);
  return static_cast<std::size_t>(std::uint64_t{offset});
}

std::size_t Specimen::name(std::string_view path, unsigned index) const {
  const std::size_t table = directory(path);
  const Bytes& bytes = files_.at(region(0));
  Le32 count;
  std::memcpy(&count, &bytes.at(table + 4), sizeof count);
  Le32 place;
  std::memcpy(&place, &bytes.at(table + 8 + std::size_t{4} * count + std::size_t{4} * index),
              sizeof place);
  return table + place;
}

std::size_t Specimen::led_to(std::string_view path, std::size_t field) {
  return static_cast<std::size_t>(std::uint64_t{get<Le64>(region(0), record(path) + field)});
}

std::size_t Specimen::append(ByteView bytes) {
  Bytes& metadata = file(region(0));
  metadata.resize((metadata.size() + 7) / 8 * 8);
  const std::size_t offset = metadata.size();
  cim::append(metadata, bytes);
  return offset;
}

void Specimen::write(const std::filesystem::path& directory) const {
  for (const auto& [name, bytes] : files_) {
    std::ofstream(directory / name, std::ios::binary | std::ios::trunc)
        .write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  }
}

}  // namespace cim::test
