// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/xattrs.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "base/utf16.h"
#include "ntfs/ntfs_3g.h"

namespace cim::mount::erofs {
namespace {

constexpr std::size_t kXattrUnit = 4;

// Images have a few hundred different security descriptors of a few hundred bytes.
constexpr std::size_t kMaxMemory = std::size_t{16} << 20;
constexpr std::size_t kMemoryOfEntry = 100;  // in addition to its bytes

namespace stored = stored_ntfs_xattr;

// Encodes the attributes of one file. Attributes that are too large are refused here, so that the
// caller can report them.
class Collector {
 public:
  Collector(const Image& image, const FileInfo& info, bool is_link, SharedXattrs& shared)
      : image_(image),
        info_(info),
        shared_(shared),
        // Linux does not allow user attributes on links.
        prefix_(is_link ? XattrPrefix::kTrusted : XattrPrefix::kUser) {}

  /// Few descriptors and attributes of an image differ, so they are shared. Times differ for almost
  /// every file.
  void take_ntfs_facts() {
    add_shared(stored::kAcl, image_.security_descriptor(info_.id));
    add_shared(stored::kAttributes, attributes_value(info_, std::endian::little));
    add(stored::kTimes, times_value(info_, std::endian::little));
    if (info_.is_reparse_point()) {
      add(stored::kReparseData, image_.reparse_data(info_.id));
    }
    if (info_.ea_size != 0) {
      add(stored::kExtendedAttributes, ea_value(image_, info_));
    }
  }

  /// Returns why a stream is omitted, if it is.
  std::optional<OmissionKind> take_stream(const StreamList& list, std::uint32_t index,
                                          const std::string& name) {
    if (prefix_ == XattrPrefix::kTrusted) {
      return OmissionKind::kLinkStreams;
    }
    if (is_reserved_stream_name(name)) {
      return OmissionKind::kReservedNames;
    }
    if (name.empty() || name.size() + ntfs_xattr::kStreamPrefix.size() > kMaxXattrName ||
        std::ranges::find(stored::kAll, name) != stored::kAll.end()) {
      return OmissionKind::kStreamNames;
    }
    if (list.info(index).size > kMaxXattrValue) {
      return OmissionKind::kLargeStreams;
    }
    const Bytes encoded = encode_xattr(XattrPrefix::kUser, name, value_of(list.open(index)));
    if (!body_.has_room_for(encoded.size())) {
      return OmissionKind::kManyStreams;
    }
    body_.add(encoded);
    return std::nullopt;
  }

  XattrBody finish() { return std::move(body_); }

 private:
  void add(std::string_view name, ByteView value) { body_.add(encode_xattr(prefix_, name, value)); }

  void add_shared(std::string_view name, ByteView value) {
    const Bytes encoded = encode_xattr(prefix_, name, value);
    if (const auto id = shared_.id_of(encoded)) {
      body_.add_shared(*id);
    } else {
      body_.add(encoded);
    }
  }

  static Bytes value_of(const Stream& stream) {
    Bytes value(static_cast<std::size_t>(stream.size()));
    stream.read(0, value);
    return value;
  }

  const Image& image_;
  const FileInfo& info_;
  SharedXattrs& shared_;
  XattrPrefix prefix_;
  XattrBody body_;
};

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

XattrBody xattrs_of_file(const Image& image, const FileInfo& info, bool is_link,
                         StreamXattrs streams, SharedXattrs& shared, Omissions& omissions,
                         TableBudget& budget, const std::function<std::string()>& path) {
  Collector collector(image, info, is_link, shared);
  collector.take_ntfs_facts();
  if (streams == StreamXattrs::kShown && info.has_streams) {
    const StreamList list = image.stream_list(info.id);
    budget.take(list.disk_size());
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      const std::string name = to_wtf8(list.info(i).name);
      if (const auto kind = collector.take_stream(list, i, name)) {
        omissions.add(*kind, [&] { return path() + ":" + name; });
      }
    }
  }
  return collector.finish();
}

}  // namespace cim::mount::erofs
