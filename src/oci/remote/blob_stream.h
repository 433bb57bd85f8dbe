// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A download that runs ahead of its reader, in a thread of its own. The reader's thread computes
// the digest, since receiving a blob takes the other one as long on a fast network.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <thread>
#include <utility>

#include "async/shared_bytes.h"
#include "base/bytes.h"
#include "oci/remote/blob_download.h"
#include "os/crypto.h"

namespace cim::oci {

/// The bytes of a blob in order, verified as they pass. For one thread.
class BlobStream {
 public:
  /// The session is used by nothing else from start() or the first call of read() on. At most
  /// `most_ahead` bytes wait to be read.
  BlobStream(std::shared_ptr<Session> session, const Descriptor& descriptor, std::size_t most_ahead)
      : session_(std::move(session)),
        left_(descriptor.size),
        download_(*session_, descriptor),
        most_ahead_(most_ahead) {}
  BlobStream(const BlobStream&) = delete;
  BlobStream& operator=(const BlobStream&) = delete;
  /// Ends the download.
  ~BlobStream();

  /// Starts the download unless it has been started. Throws kLimit if the system has no more
  /// threads.
  void start();
  /// As BlobDownload::read(). The first call starts the download. The last bytes are returned only
  /// if the digest of the blob is right; throws kCorrupt if it is not.
  std::size_t read(std::span<std::byte> into, const std::stop_token& stop);
  /// Returns the next bytes, without a copy; empty at the end, or if a stop was requested. Throws
  /// as read(), which is not called as well.
  SharedBytes next(const std::stop_token& stop);

 private:
  SharedBytes take(const std::stop_token& stop);
  void run() noexcept;
  void download_all();

  std::shared_ptr<Session> session_;
  std::uint64_t left_;  // bytes that were not taken yet
  BlobDownload download_;
  std::size_t most_ahead_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable_any piece_came_;
  std::condition_variable_any room_came_;
  std::deque<SharedBytes> pieces_;
  bool has_ended_ = false;
  std::exception_ptr failure_;
  Sha256 hash_;  // of the bytes that were taken
  bool is_verified_ = false;
  SharedBytes current_;
  std::size_t taken_ = 0;  // of current_
  std::thread thread_;
};

}  // namespace cim::oci
