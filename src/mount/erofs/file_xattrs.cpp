// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/file_xattrs.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include "cimlib/error.h"

#include "base/utf16.h"
#include "mount/posix_view.h"
#include "ntfs/xattr_names.h"

namespace cim::mount::erofs {
namespace {

constexpr std::string_view kAcl = "ntfs.acl";
constexpr std::string_view kAttributes = "ntfs.attrib";
constexpr std::string_view kTimes = "ntfs.times";
constexpr std::string_view kReparseData = "ntfs.reparse_data";
constexpr std::string_view kExtendedAttributes = "ntfs.ea";
constexpr std::array kReserved = {kAcl, kAttributes, kTimes, kReparseData, kExtendedAttributes};

class Collector {
 public:
  Collector(const Image& image, const FileInfo& info, SharedXattrs& shared)
      : image_(image),
        info_(info),
        shared_(shared),
        // Linux lets links have no attributes of users.
        prefix_(S_ISLNK(mode_of(info)) ? XattrPrefix::kTrusted : XattrPrefix::kUser) {}

  void take_ntfs_facts() {
    add_shared(kAcl, image_.security_descriptor(info_.id));
    add_shared(kAttributes, attributes_value(info_, std::endian::little));
    add(kTimes, times_value(info_, std::endian::little));
    if (info_.is_reparse_point()) {
      add(kReparseData, image_.reparse_data(info_.id));
    }
    if (info_.ea_size != 0) {
      add(kExtendedAttributes, ea_value(image_, info_));
    }
  }

  /// Returns why a stream is lost, if it is.
  std::optional<LossKind> take_stream(const StreamInfo& stream, const std::string& name) {
    if (prefix_ == XattrPrefix::kTrusted) {
      return LossKind::kLinkStreams;
    }
    if (name.empty() || name.find('\0') != std::string::npos ||
        name.size() + ntfs_xattr::kStreamPrefix.size() > kMaxXattrName ||
        std::ranges::find(kReserved, name) != kReserved.end()) {
      return LossKind::kStreamNames;
    }
    if (stream.size > kMaxXattrValue) {
      return LossKind::kLargeStreams;
    }
    const Bytes encoded = encode_xattr(XattrPrefix::kUser, name, value_of(stream));
    if (!body_.has_room_for(encoded.size())) {
      return LossKind::kManyStreams;
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

  Bytes value_of(const StreamInfo& info) const {
    const auto stream = image_.open_stream(info_.id, info.name);
    if (!stream || stream->size() != info.size) {
      throw Error(ErrorCode::kCorrupt, image_.path().string(),
                  fmt::format("file {} has a stream that its own table does not find", info_.id));
    }
    Bytes value(static_cast<std::size_t>(info.size));
    stream->read(0, value);
    return value;
  }

  const Image& image_;
  const FileInfo& info_;
  SharedXattrs& shared_;
  XattrPrefix prefix_;
  XattrBody body_;
};

}  // namespace

XattrBody xattrs_of_file(const Image& image, const FileInfo& info, StreamXattrs streams,
                         SharedXattrs& shared, Losses& losses,
                         const std::function<std::string()>& path) {
  Collector collector(image, info, shared);
  collector.take_ntfs_facts();
  if (streams == StreamXattrs::kShown && info.has_streams) {
    for (const StreamInfo& stream : image.streams(info.id)) {
      const std::string name = to_wtf8(stream.name);
      if (const auto kind = collector.take_stream(stream, name)) {
        losses.add(*kind, [&] { return path() + ":" + name; });
      }
    }
  }
  return collector.finish();
}

}  // namespace cim::mount::erofs
