// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/xattrs.h"

namespace cim::mount::erofs {
namespace {

constexpr std::size_t kXattrUnit = 4;

// Images have a few hundred different security descriptors of a few hundred bytes.
constexpr std::size_t kMaxMemory = std::size_t{16} << 20;
constexpr std::size_t kMemoryOfEntry = 100;  // in addition to its bytes

}  // namespace

Bytes encode_xattr(XattrPrefix prefix, std::string_view name, ByteView value) {
  Bytes bytes;
  append(bytes, DiskXattr{.name_size = static_cast<std::uint8_t>(name.size()),
                          .prefix = static_cast<std::uint8_t>(prefix),
                          .value_size = static_cast<std::uint16_t>(value.size())});
  append(bytes, as_bytes(name));
  append(bytes, value);
  bytes.resize((bytes.size() + kXattrUnit - 1) / kXattrUnit * kXattrUnit);
  return bytes;
}

std::optional<std::uint32_t> SharedXattrs::id_of(const Bytes& encoded) {
  const std::string key(as_text(encoded));
  if (const auto found = ids_.find(key); found != ids_.end()) {
    return found->second;
  }
  const std::size_t memory = key.size() + kMemoryOfEntry;
  if (memory_ + memory > kMaxMemory) {
    return std::nullopt;
  }
  const std::uint64_t place = file_.place_words(encoded.size());
  file_.write(place, encoded);
  const auto id = static_cast<std::uint32_t>(place / kXattrUnit);
  ids_.emplace(key, id);
  memory_ += memory;
  return id;
}

std::size_t XattrBody::size() const noexcept {
  return shared_.empty() && own_.empty() ? 0
                                         : sizeof(DiskXattrHeader) + shared_.size() + own_.size();
}

std::uint16_t XattrBody::count() const noexcept {
  const std::size_t bytes = size();
  return static_cast<std::uint16_t>(
      bytes == 0 ? 0 : 1 + (bytes - sizeof(DiskXattrHeader)) / kXattrUnit);
}

Bytes XattrBody::encode() const {
  Bytes bytes;
  if (size() != 0) {
    DiskXattrHeader header{};
    header.shared_count = static_cast<std::uint8_t>(shared_.size() / sizeof(Le32));
    append(bytes, header);
    append(bytes, shared_);
    append(bytes, own_);
  }
  return bytes;
}

}  // namespace cim::mount::erofs
