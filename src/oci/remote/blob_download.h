// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Downloading one blob.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "oci/documents.h"
#include "oci/remote/retries.h"
#include "oci/remote/session.h"

namespace cim::oci {

/// The bytes of a blob in order. Their digest is up to the caller. For one thread.
class BlobDownload {
 public:
  /// `session` must outlive this object, and is used by nothing else while read() runs.
  BlobDownload(Session& session, Descriptor descriptor);

  /// Reads some of the blob; 0 at its end. A connection that breaks is replaced by one that
  /// continues where it ended. Throws kCorrupt if the blob has another size; kNotFound; and as
  /// Session.
  std::size_t read(std::span<std::byte> into, const std::stop_token& stop);

  /// Throws kCorrupt unless `found` is the digest of the blob. Called after its end.
  void check_digest(const Digest& found) const;

 private:
  void open(const std::stop_token& stop);
  Url place(const std::stop_token& stop);
  bool accept(Transfer& transfer, const std::stop_token& stop);
  bool is_rest(const Transfer& transfer) const;
  void skip(std::uint64_t size, const std::stop_token& stop);
  std::size_t read_some(std::span<std::byte> into, const std::stop_token& stop);
  void check_end(const std::stop_token& stop);
  [[noreturn]] void fail_size(std::uint64_t size) const;

  Session& session_;
  Descriptor descriptor_;
  Retries retries_;
  std::unique_ptr<Transfer> transfer_;
  std::size_t place_ = 0;      // 0 is the registry, others are the URLs of the descriptor
  bool uses_ranges_ = true;    // until the server gets one wrong
  std::uint64_t passed_ = 0;   // bytes returned
  std::uint64_t granted_ = 0;  // bytes returned when retries_ was reset
  bool has_ended_ = false;
  std::string encoding_;  // Content-Encoding of the last response
};

}  // namespace cim::oci
