// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/blob_download.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/printable.h"
#include "oci/remote/response_headers.h"

namespace cim::oci {
namespace {

// A connection that provided this much before it broke is worth as many attempts as the first.
constexpr std::uint64_t kProgress = std::uint64_t{1} << 20;
constexpr std::size_t kPiece = std::size_t{64} << 10;

}  // namespace

BlobDownload::BlobDownload(Session& session, Descriptor descriptor)
    : session_(session), descriptor_(std::move(descriptor)), retries_(session.options()) {}

std::size_t BlobDownload::read(std::span<std::byte> into, const std::stop_token& stop) {
  while (!has_ended_) {
    try {
      return read_some(into, stop);
    } catch (const TemporaryFailure& failure) {
      transfer_.reset();
      if (passed_ - granted_ >= kProgress) {
        granted_ = passed_;
        retries_.reset();
      }
      retries_.wait(failure, stop);
    }
  }
  return 0;
}

std::size_t BlobDownload::read_some(std::span<std::byte> into, const std::stop_token& stop) {
  if (transfer_ == nullptr) {
    open(stop);
  }
  const std::uint64_t left = descriptor_.size - passed_;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left));
  const std::size_t got = wanted == 0 ? 0 : transfer_->read(into.first(wanted), stop);
  if (got == 0 && left > 0) {
    throw TemporaryFailure(session_.subject(),
                           fmt::format("the blob {} ends after {} of {} bytes",
                                       descriptor_.digest.text(), passed_, descriptor_.size));
  }
  passed_ += got;
  if (passed_ == descriptor_.size) {
    check_end(stop);
  }
  return got;
}

// The registry is asked first, also for layers that may not be distributed: a private registry may
// have them nevertheless.
Url BlobDownload::place(const std::stop_token& stop) {
  if (place_ == 0) {
    return session_.url("blobs/" + descriptor_.digest.text(), stop);
  }
  const std::string& text = descriptor_.urls[place_ - 1];
  if (auto url = Url::parse(text)) {
    return *std::move(url);
  }
  throw Error(
      ErrorCode::kUnsupported, session_.subject(),
      fmt::format("the manifest names {} for a layer, which is not an HTTP URL", printable(text)));
}

void BlobDownload::open(const std::stop_token& stop) {
  while (true) {
    Request request{.url = place(stop)};
    if (passed_ > 0 && uses_ranges_) {
      request.headers.push_back(fmt::format("Range: bytes={}-", passed_));
    }
    auto transfer = session_.send(request, stop);
    encoding_ = transfer->header("content-encoding");
    if (accept(*transfer, stop)) {
      const bool is_whole = transfer->status() == 200;
      transfer_ = std::move(transfer);
      if (is_whole) {
        skip(passed_, stop);
      }
      return;
    }
  }
}

// Returns false if the request has to be repeated in another form or elsewhere.
bool BlobDownload::accept(Transfer& transfer, const std::stop_token& stop) {
  const unsigned status = transfer.status();
  if (status == 200) {
    const std::string length = transfer.header("content-length");
    const auto size = parse_number(length);
    if (!length.empty() && size != descriptor_.size) {
      fail_size(size.value_or(0));
    }
    return true;
  }
  if (status == 206 && passed_ > 0 && uses_ranges_ && is_rest(transfer)) {
    return true;
  }
  if ((status == 206 || status == 416) && passed_ > 0 && uses_ranges_) {
    uses_ranges_ = false;  // start again, and skip what was read
    return false;
  }
  if ((status == 404 || status == 410) && place_ < descriptor_.urls.size()) {
    ++place_;
    return false;
  }
  session_.fail(transfer, "the blob " + descriptor_.digest.text(), stop);
}

bool BlobDownload::is_rest(const Transfer& transfer) const {
  const auto range = parse_content_range(transfer.header("content-range"));
  return range && range->first == passed_ && range->last + 1 == descriptor_.size &&
         range->total.value_or(descriptor_.size) == descriptor_.size;
}

void BlobDownload::skip(std::uint64_t size, const std::stop_token& stop) {
  Bytes piece(kPiece);
  while (size > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, piece.size()));
    const std::size_t got = transfer_->read(std::span(piece).first(wanted), stop);
    if (got == 0) {
      throw TemporaryFailure(session_.subject(), fmt::format("the blob {} ends before byte {}",
                                                             descriptor_.digest.text(), passed_));
    }
    size -= got;
  }
}

void BlobDownload::check_end(const std::stop_token& stop) {
  Bytes more(1);
  try {
    if (transfer_->read(more, stop) != 0) {
      fail_size(descriptor_.size + 1);
    }
  } catch (const TemporaryFailure&) {
    // All bytes are there, and the digest shows whether they are right.
  }
  transfer_.reset();
  has_ended_ = true;
}

void BlobDownload::check_digest(const Digest& found) const {
  if (found != descriptor_.digest) {
    throw Error(
        ErrorCode::kCorrupt, session_.subject(),
        fmt::format("the blob {} has the digest {}{}{}", descriptor_.digest.text(), found.text(),
                    encoding_.empty() ? "" : "; its Content-Encoding is ", printable(encoding_)));
  }
}

void BlobDownload::fail_size(std::uint64_t size) const {
  throw Error(ErrorCode::kCorrupt, session_.subject(),
              fmt::format("the blob {} has {}{} bytes, expected {}", descriptor_.digest.text(),
                          size == descriptor_.size + 1 ? "at least " : "", size, descriptor_.size));
}

}  // namespace cim::oci
