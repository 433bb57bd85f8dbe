// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/seal.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "cimlib/error.h"

#include "base/checked_math.h"
#include "mount/erofs/disk_structs.h"

namespace cim::mount::erofs {
namespace {

constexpr std::size_t kMaxExamples = 10;

constexpr std::array<std::string_view, kOmissionKinds> kWords = {
    "names of more than 255 bytes, with all files below them",
    "streams of more than 65535 bytes",
    "streams whose names are not valid for extended attributes",
    "streams that exceed the space for the streams of a file",
    "streams of links",
    "streams whose names have a special meaning as extended attributes on Linux",
    "links that Linux cannot represent, not shown as links",
};

constexpr std::array<char, 8> kSealMagic = {'c', 'i', 'm', 'e', 'r', 'o', 'f', 's'};

// The limit on paths and ten examples for each kind of omission.
constexpr std::uint64_t kMaxSealData = std::uint64_t{4} << 20;

// Before the seal is its data: the path of the image, the path and the id of the probe, then for
// each kind of omission a count and the examples. A text has its size, of 32 bits, in front.
struct DiskSeal {
  std::array<std::byte, 16> key;  // 0
  Le32 seal_data_size;            // 16: bytes before the seal
  Le32 checksum;                  // 20: of all bytes before this field
  std::array<char, 8> magic;      // 24
};
static_assert(sizeof(DiskSeal) == 32);

/// The checksum of a file up to its seal, and of the seal up to its checksum field.
std::uint32_t checksum_of_file(const File& file, std::uint64_t size, const DiskSeal& seal) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  Bytes piece(static_cast<std::size_t>(std::min<std::uint64_t>(size, kPiece)));
  std::uint32_t sum = kChecksumStart;
  for (std::uint64_t offset = 0; offset < size;) {
    const auto part = std::span(piece).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(size - offset, piece.size())));
    file.read_at(offset, part);
    sum = checksum(part, sum);
    offset += part.size();
  }
  return checksum(std::as_bytes(std::span(&seal, 1)).first(offsetof(DiskSeal, checksum)), sum);
}

void append_text(Bytes& bytes, std::string_view text) {
  append(bytes, Le32(static_cast<std::uint32_t>(text.size())));
  append(bytes, as_bytes(text));
}

std::string read_text(ByteReader& reader) {
  const std::uint32_t size = reader.read<Le32>("the size of a string");
  return std::string(as_text(reader.take(size, "a string")));
}

Bytes encode(const SealData& seal_data) {
  Bytes bytes;
  append_text(bytes, seal_data.image.string());
  append_text(bytes, seal_data.probe.path);
  append(bytes, Le32(seal_data.probe.file));
  for (std::size_t i = 0; i < kOmissionKinds; ++i) {
    const Omissions::Found& kind = seal_data.omissions.of(static_cast<OmissionKind>(i));
    append(bytes, Le64(kind.count));
    append(bytes, Le32(static_cast<std::uint32_t>(kind.examples.size())));
    for (const std::string& example : kind.examples) {
      append_text(bytes, example);
    }
  }
  return bytes;
}

SealData decode(ByteView bytes, std::string_view source) {
  ByteReader reader(bytes, source);
  SealData seal_data;
  seal_data.image = read_text(reader);
  seal_data.probe.path = read_text(reader);
  seal_data.probe.file = reader.read<Le32>("a file");
  for (std::size_t i = 0; i < kOmissionKinds; ++i) {
    Omissions::Found kind;
    kind.count = reader.read<Le64>("a count");
    const std::uint32_t examples = reader.read<Le32>("a count of examples");
    for (std::uint32_t n = 0; n < examples; ++n) {
      kind.examples.push_back(read_text(reader));
    }
    seal_data.omissions.set(static_cast<OmissionKind>(i), std::move(kind));
  }
  return seal_data;
}

/// Returns the last bytes of a file if they are a seal.
std::optional<DiskSeal> read_seal(const File& file, std::uint64_t size) {
  DiskSeal seal{};
  if (size < sizeof seal) {
    return std::nullopt;
  }
  file.read_at(size - sizeof seal, std::as_writable_bytes(std::span(&seal, 1)));
  const std::uint32_t seal_data_size = seal.seal_data_size;
  if (seal.magic != kSealMagic || seal_data_size > kMaxSealData ||
      !fits_within(sizeof seal, seal_data_size, size)) {
    return std::nullopt;
  }
  return seal;
}

SealData seal_data_before(const DiskSeal& seal, const File& file, std::uint64_t size) {
  Bytes bytes(seal.seal_data_size);
  file.read_at(size - sizeof seal - bytes.size(), bytes);
  return decode(bytes, file.path().string());
}

}  // namespace

void Omissions::add(OmissionKind kind, const std::function<std::string()>& path) {
  Found& found = kinds_[static_cast<std::size_t>(kind)];
  ++found.count;
  if (found.examples.size() < kMaxExamples) {
    found.examples.push_back(path());
  }
}

std::vector<Omission> Omissions::list() const {
  std::vector<Omission> omissions;
  for (std::size_t i = 0; i < kOmissionKinds; ++i) {
    if (kinds_[i].count != 0) {
      omissions.push_back({.what = std::string(kWords[i]),
                           .count = kinds_[i].count,
                           .examples = kinds_[i].examples});
    }
  }
  return omissions;
}

void seal(File& file, const Guid& key, const SealData& seal_data) {
  const Bytes bytes = encode(seal_data);
  if (bytes.size() > kMaxSealData) {
    throw Error(ErrorCode::kLimit, seal_data.image.string(), "the paths are too long to record");
  }
  std::uint64_t size = file.size();
  file.write_at(size, bytes);
  size += bytes.size();
  DiskSeal seal{.key = key.bytes,
                .seal_data_size = static_cast<std::uint32_t>(bytes.size()),
                .checksum = 0U,
                .magic = kSealMagic};
  seal.checksum = checksum_of_file(file, size, seal);
  file.write_at(size, std::as_bytes(std::span(&seal, 1)));
}

std::optional<SealData> check_seal(const File& file, const Guid& key) {
  const std::uint64_t size = file.size();
  const auto seal = read_seal(file, size);
  if (!seal || seal->key != key.bytes ||
      seal->checksum != checksum_of_file(file, size - sizeof(DiskSeal), *seal)) {
    return std::nullopt;
  }
  return seal_data_before(*seal, file, size);
}

std::optional<SealData> read_seal_data(const File& file) {
  try {
    const std::uint64_t size = file.size();
    const auto seal = read_seal(file, size);
    return seal ? std::optional(seal_data_before(*seal, file, size)) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace cim::mount::erofs
