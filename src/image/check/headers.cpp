// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/headers.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "image/read/region_files.h"
#include "os/file.h"

namespace cim::image_check {
namespace {

bool is_known(std::uint32_t major) {
  return major >= 1 && major <= 3;
}

template <std::size_t N>
std::uint64_t any_bits(const std::array<std::byte, N>& bytes) {
  std::byte all{0};
  for (const std::byte b : bytes) {
    all |= b;
  }
  return std::to_integer<std::uint64_t>(all);
}

std::string type_text(std::uint8_t type) {
  constexpr std::array<std::string_view, 3> kNames = {" (filesystem)", " (region)", " (object id)"};
  return fmt::format("{}{}", type, type < kNames.size() ? kNames[type] : "");
}

// Checks what all three kinds of headers have: lengths, minor version, reserved fields.
void check_rest(const format::DiskCommonHeader& header, std::size_t length, const Spot& spot,
                Findings& findings) {
  if (header.header_length != length) {
    findings.add(header.header_length < length ? Kind::kHeaderLength : Kind::kHeaderLong,
                 spot.at(offsetof(format::DiskCommonHeader, header_length)),
                 fmt::format("a header of {} bytes, expected {}",
                             std::uint32_t{header.header_length}, length));
  }
  if (header.minor != 0) {
    findings.add(Kind::kHeaderMinorVersion, spot.at(offsetof(format::DiskCommonHeader, minor)),
                 fmt::format("unknown format version {}.{}; the only known minor version is 0",
                             std::uint32_t{header.major}, std::uint32_t{header.minor}));
  }
  check_reserved(any_bits(header.reserved), spot.at(offsetof(format::DiskCommonHeader, reserved)),
                 findings);
  check_reserved(header.reserved2, spot.at(offsetof(format::DiskCommonHeader, reserved2)),
                 findings);
}

bool check_type(const format::DiskCommonHeader& header, format::FileType type, const Spot& spot,
                Findings& findings) {
  if (header.type[0] == std::byte(type)) {
    return true;
  }
  findings.add(Kind::kHeaderType, spot.at(offsetof(format::DiskCommonHeader, type)),
               fmt::format("file type {}, expected {}",
                           type_text(std::to_integer<std::uint8_t>(header.type[0])),
                           type_text(static_cast<std::uint8_t>(type))));
  return false;
}

class FilesystemFile {
 public:
  FilesystemFile(const std::filesystem::path& path, Findings& findings)
      : path_(path), findings_(findings) {}

  std::optional<format::FilesystemHeader> check() {
    read();
    const auto disk = read_fixed_part();
    if (!disk) {
      return std::nullopt;
    }
    format::FilesystemHeader header;
    header.version = {disk->common.major, disk->common.minor};
    header.filesystem = format::RegionOffset(disk->filesystem);
    check_reserved(disk->reserved, at(offsetof(format::DiskFilesystemHeader, reserved)), findings_);
    check_reserved(disk->reserved2, at(offsetof(format::DiskFilesystemHeader, reserved2)),
                   findings_);
    header.own = region_set(disk->own, offsetof(format::DiskFilesystemHeader, own));
    if (!read_parents(disk->parent_count, header)) {
      return std::nullopt;
    }
    check_sets(header);
    return header;
  }

 private:
  Spot at(std::uint64_t offset) const { return {&path_, offset}; }

  void read() {
    const File file = File::open_read(path_);
    size_ = file.size();
    bytes_.resize(static_cast<std::size_t>(std::min(size_, kMaxFilesystemFile)));
    bytes_.resize(file.read_some_at(0, bytes_));
  }

  template <DiskStruct T>
  T load(std::size_t offset) const {
    return ByteReader(ByteView(bytes_).subspan(offset), path_.string(), offset).read<T>("a header");
  }

  std::optional<format::DiskFilesystemHeader> read_fixed_part() {
    if (bytes_.size() < format::kMagic.size() ||
        as_text(ByteView(bytes_).first(format::kMagic.size())) != format::kMagic) {
      throw Error(ErrorCode::kCorrupt, path_.string(),
                  "not a CIM file: it does not start with \"cimfile0\"", 0);
    }
    if (bytes_.size() < sizeof(format::DiskFilesystemHeader)) {
      findings_.add(Kind::kHeaderTruncated, at(bytes_.size()),
                    fmt::format("the file ends here, inside its {}-byte header",
                                format::kFilesystemHeaderSize));
      return std::nullopt;
    }
    const auto disk = load<format::DiskFilesystemHeader>(0);
    if (!is_known(disk.common.major)) {
      throw Error(ErrorCode::kUnsupported, path_.string(),
                  fmt::format("unsupported format version {}.{}; versions 1 to 3 are supported",
                              std::uint32_t{disk.common.major}, std::uint32_t{disk.common.minor}));
    }
    check_rest(disk.common, format::kFilesystemHeaderSize, at(0), findings_);
    if (!check_type(disk.common, format::FileType::kFilesystem, at(0), findings_)) {
      return std::nullopt;
    }
    return disk;
  }

  format::RegionSetEntry region_set(const format::DiskRegionSet& disk, std::uint64_t offset) {
    check_reserved(disk.reserved, at(offset + offsetof(format::DiskRegionSet, reserved)),
                   findings_);
    check_reserved(disk.reserved2, at(offset + offsetof(format::DiskRegionSet, reserved2)),
                   findings_);
    if (disk.count == 0) {
      findings_.add(Kind::kRegionSetEmpty, at(offset + offsetof(format::DiskRegionSet, count)),
                    "the region set has no regions");
    }
    return {Guid::from_mixed_endian(disk.guid), disk.count};
  }

  bool read_parents(std::uint16_t count, format::FilesystemHeader& header) {
    const std::size_t end = format::kFilesystemHeaderSize + count * format::kRegionSetSize;
    if (end > bytes_.size()) {
      findings_.add(
          Kind::kHeaderTruncated, at(offsetof(format::DiskFilesystemHeader, parent_count)),
          fmt::format("the region sets of {} ancestors need {} bytes, but the file has only {}",
                      count, end, size_));
      return false;
    }
    for (std::size_t offset = format::kFilesystemHeaderSize; offset < end;
         offset += format::kRegionSetSize) {
      header.parents.push_back(region_set(load<format::DiskRegionSet>(offset), offset));
    }
    if (size_ > end) {
      findings_.add(Kind::kTrailingBytes, at(end),
                    fmt::format("{} bytes follow the header", size_ - end));
    }
    return true;
  }

  void check_sets(const format::FilesystemHeader& header) {
    std::uint32_t regions = 0;
    std::set<Guid> seen;
    std::uint64_t offset = format::kFilesystemHeaderSize;
    for (const RegionSet& set : region_sets_of(header)) {
      regions += set.region_count;
      offset = set.is_own ? offsetof(format::DiskFilesystemHeader, own) : offset;
      if (!seen.insert(set.guid).second) {
        findings_.add(Kind::kRegionSetTwice, at(offset),
                      fmt::format("region set {} is listed twice", set.guid.to_string()));
      }
      offset += format::kRegionSetSize;
    }
    if (regions == 0 || regions > format::kMaxRegions) {
      findings_.add(
          Kind::kRegionCount, at(offsetof(format::DiskFilesystemHeader, own)),
          fmt::format("{} regions in total; there must be 1 to {}", regions, format::kMaxRegions));
    }
  }

  const std::filesystem::path& path_;
  Findings& findings_;
  Bytes bytes_;
  std::uint64_t size_ = 0;
};

}  // namespace

void check_reserved(std::uint64_t value, const Spot& spot, Findings& findings) {
  if (value != 0) {
    findings.add(Kind::kReserved, spot, "a reserved field is not zero");
  }
}

bool check_common_header(const format::DiskCommonHeader& header, format::FileType type,
                         std::size_t length, const Spot& spot, Findings& findings) {
  if (as_text(header.magic) != format::kMagic) {
    findings.add(Kind::kHeaderMagic, spot, "the file does not start with \"cimfile0\"");
    return false;
  }
  check_rest(header, length, spot, findings);
  const bool has_type = check_type(header, type, spot, findings);
  if (!is_known(header.major)) {
    findings.add(Kind::kHeaderVersion, spot.at(offsetof(format::DiskCommonHeader, major)),
                 fmt::format("unsupported format version {}.{}; versions 1 to 3 are supported",
                             std::uint32_t{header.major}, std::uint32_t{header.minor}));
    return false;
  }
  return has_type;
}

std::optional<format::FilesystemHeader> check_filesystem_file(const std::filesystem::path& image,
                                                              Findings& findings) {
  return FilesystemFile(image, findings).check();
}

}  // namespace cim::image_check
