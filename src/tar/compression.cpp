// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The compression is recognized by the first bytes of the input, never by a name or a media type,
// which may be wrong. A source may return runs of any length, so the first bytes are gathered if
// necessary.
#include "tar/compression.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "tar/gzip_source.h"

namespace cim::tar {
namespace {

using namespace std::string_view_literals;

// Enough for the magic of every format below, xz being the longest with 6.
constexpr std::size_t kLongestMagic = 10;

// A source whose first bytes have been examined.
class PeekedSource final : public Source {
 public:
  explicit PeekedSource(Source& input) : Source(input.name()), input_(input), first_(input.next()) {
    if (first_.size() < kLongestMagic) {
      gather();
    }
  }

  std::string_view first() const { return as_text(first_); }

  ByteView next() override {
    if (!first_.empty()) {
      return std::exchange(first_, {});
    }
    gathered_.reset();
    return input_.next();
  }

  std::shared_ptr<const void> owner() const override {
    return gathered_ ? gathered_ : input_.owner();
  }

 private:
  // Joins short runs until the magic is complete or the source ends.
  void gather() {
    gathered_ = std::make_shared<Bytes>();
    for (ByteView run = first_; !run.empty(); run = input_.next()) {
      append(*gathered_, run);
      if (gathered_->size() >= kLongestMagic) {
        break;
      }
    }
    first_ = *gathered_;
  }

  Source& input_;
  std::shared_ptr<Bytes> gathered_;
  ByteView first_;
};

enum class Compression { kNone, kGzip, kZstd };

struct Magic {
  std::string_view bytes;
  std::string_view name;
};

// None of these can begin the tar of a layer, which begins with a path.
void refuse_other_compressions(std::string_view first, const std::string& name) {
  for (const Magic& other : {Magic{"\xFD"
                                   "7zXZ\0"sv,
                                   "xz"},
                             Magic{"BZh"sv, "bzip2"}, Magic{"\x04\x22\x4D\x18"sv, "lz4"},
                             Magic{"PK\x03\x04"sv, "zip"}}) {
    if (first.starts_with(other.bytes)) {
      throw Error(ErrorCode::kUnsupported, name,
                  fmt::format("this is {}; a layer must be a plain tar, gzip or zstd", other.name));
    }
  }
}

// A zstd stream may begin with a skippable frame, of which sixteen magics exist (RFC 8878,
// section 3.1.2).
Compression detect(std::string_view first, const std::string& name) {
  if (first.starts_with("\x1F\x8B"sv)) {
    return Compression::kGzip;
  }
  const bool is_skippable_frame = first.size() >= 4 && (first[0] & 0xF0) == 0x50 &&
                                  first.substr(1).starts_with("\x2A\x4D\x18"sv);
  if (is_skippable_frame || first.starts_with("\x28\xB5\x2F\xFD"sv)) {
    return Compression::kZstd;
  }
  refuse_other_compressions(first, name);
  return Compression::kNone;
}

}  // namespace

std::unique_ptr<Source> decompress(Source& input, const WrapSource& wrap_packed) {
  auto peeked = std::make_unique<PeekedSource>(input);
  const Compression compression = detect(peeked->first(), input.name());
  if (compression == Compression::kNone) {
    return peeked;
  }
  std::unique_ptr<Source> packed = std::move(peeked);
  if (wrap_packed) {
    packed = wrap_packed(std::move(packed));
  }
  return compression == Compression::kGzip ? std::make_unique<GzipSource>(std::move(packed))
                                           : make_zstd_source(std::move(packed));
}

}  // namespace cim::tar
