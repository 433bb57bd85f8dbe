// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/blob_part.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "oci/remote/response_headers.h"
#include "oci/remote/retries.h"

namespace cim::oci {
namespace {

constexpr std::size_t kSkipPiece = std::size_t{256} << 10;

class PartRequest {
 public:
  PartRequest(Session& session, const Descriptor& blob, std::uint64_t offset, std::size_t size,
              const std::stop_token& stop)
      : session_(session), blob_(blob), offset_(offset), size_(size), stop_(stop) {}

  Bytes run() const {
    return with_retries(session_.options(), stop_, [this] { return attempt(); });
  }

 private:
  Bytes attempt() const {
    const auto transfer = session_.send(
        {.url = session_.url("blobs/" + blob_.digest.text(), stop_),
         .headers = {fmt::format("Range: bytes={}-{}", offset_, offset_ + size_ - 1)}},
        stop_);
    if (transfer->status() == 200) {
      skip(*transfer);
    } else if (transfer->status() != 206) {
      session_.fail(*transfer, "the blob " + blob_.digest.text(), stop_);
    } else if (!is_part(*transfer)) {
      throw Error(ErrorCode::kCorrupt, session_.subject(),
                  fmt::format("the registry sent another part of the blob {} than requested",
                              blob_.digest.text()));
    }
    Bytes bytes(size_);
    read(*transfer, bytes);
    return bytes;
  }

  bool is_part(const Transfer& transfer) const {
    const auto range = parse_content_range(transfer.header("content-range"));
    return range && range->first == offset_ && range->last == offset_ + size_ - 1;
  }

  void skip(Transfer& transfer) const {
    Bytes piece(kSkipPiece);
    for (std::uint64_t left = offset_; left > 0;) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size()));
      read(transfer, std::span(piece).first(size));
      left -= size;
    }
  }

  void read(Transfer& transfer, std::span<std::byte> into) const {
    while (!into.empty()) {
      const std::size_t got = transfer.read(into, stop_);
      if (got == 0) {
        throw TemporaryFailure(
            session_.subject(),
            fmt::format("the answer for the blob {} is too short", blob_.digest.text()));
      }
      into = into.subspan(got);
    }
  }

  Session& session_;
  const Descriptor& blob_;
  std::uint64_t offset_;
  std::size_t size_;
  const std::stop_token& stop_;
};

}  // namespace

Bytes fetch_blob_part(Session& session, const Descriptor& blob, std::uint64_t offset,
                      std::size_t size, const std::stop_token& stop) {
  return size == 0 ? Bytes() : PartRequest(session, blob, offset, size, stop).run();
}

}  // namespace cim::oci
