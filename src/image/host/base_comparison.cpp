// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/host/base_comparison.h"

#include <algorithm>

#include "cimlib/attributes.h"
#include "cimlib/security_descriptor.h"

#include "base/upcase.h"

namespace cim {
namespace {

constexpr std::size_t kPieceToCompare = std::size_t{1} << 20;

// Receives data of the host in order and compares them with a stream.
class StreamComparison {
 public:
  explicit StreamComparison(const Stream& stream) : stream_(stream) {}

  HostDataSink sink() {
    return {.begin = [this](std::uint64_t size) { is_equal_ = size == stream_.size(); },
            .hole = [this](std::uint64_t size) { take_zeros(size); },
            .data = [this](ByteView bytes) { take(bytes); }};
  }

  /// Returns the result after all data. A file that is one hole has passed none.
  bool finish() {
    if (is_equal_) {
      take_zeros(stream_.size() - at_);
    }
    return is_equal_;
  }

 private:
  void take(ByteView bytes) {
    while (is_equal_ && !bytes.empty()) {
      const ByteView piece = bytes.first(std::min(bytes.size(), kPieceToCompare));
      buffer_.resize(piece.size());
      is_equal_ = stream_.read(at_, buffer_) == piece.size() && equal(buffer_, piece);
      at_ += piece.size();
      bytes = bytes.subspan(piece.size());
    }
  }

  void take_zeros(std::uint64_t size) {
    while (is_equal_ && size > 0) {
      buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(size, kPieceToCompare)));
      is_equal_ = stream_.read(at_, buffer_) == buffer_.size() &&
                  std::ranges::all_of(buffer_, [](std::byte b) { return b == std::byte(); });
      at_ += buffer_.size();
      size -= buffer_.size();
    }
  }

  const Stream& stream_;
  std::uint64_t at_ = 0;
  bool is_equal_ = false;
  Bytes buffer_;
};

bool is_same(const Stream& stream, const BaseComparison::Read& read) {
  StreamComparison comparison(stream);
  read(comparison.sink());
  return comparison.finish();
}

}  // namespace

std::optional<FileId> BaseComparison::find(std::optional<FileId> directory,
                                           std::u16string_view name) const {
  return directory ? image_.find_child(*directory, name, NameMatch::kExact) : std::nullopt;
}

std::vector<std::u16string> BaseComparison::others(FileId directory,
                                                   const std::set<std::u16string>& kept) const {
  std::vector<std::u16string> names;
  for (const DirectoryEntry& entry : image_.list(directory)) {
    if (!kept.contains(upcase(entry.name))) {
      names.emplace_back(entry.name);
    }
  }
  return names;
}

std::vector<std::u16string> BaseComparison::streams(FileId id) const {
  std::vector<std::u16string> names;
  for (const StreamInfo& stream : image_.streams(id)) {
    names.push_back(stream.name);
  }
  return names;
}

bool BaseComparison::has_metadata(FileId id, const FileMetadata& metadata) const {
  const FileInfo info = image_.info(id);
  const std::uint32_t differing = info.attributes ^ metadata.attributes;
  const ByteView descriptor = metadata.security_descriptor.empty()
                                  ? ByteView(kDefaultSecurityDescriptor)
                                  : metadata.security_descriptor;
  return (differing & attribute::kStoredAttributes) == 0 && info.times == metadata.times &&
         equal(image_.security_descriptor(id), descriptor) &&
         equal(image_.extended_attributes(id), metadata.extended_attributes) &&
         equal(image_.reparse_data(id), metadata.reparse_data);
}

bool BaseComparison::has_data(FileId id, const Read& read) const {
  return is_same(image_.open(id), read);
}

bool BaseComparison::has_stream(FileId id, std::u16string_view name, const Read& read) const {
  const auto stream = image_.open_stream(id, name);
  return stream && is_same(*stream, read);
}

}  // namespace cim
