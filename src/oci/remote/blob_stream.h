// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A download that runs ahead of its reader, in a thread of its own.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <span>
#include <stop_token>
#include <thread>

#include "base/bytes.h"
#include "oci/remote/blob_download.h"

namespace cim::oci {

/// The bytes of a blob in order, as BlobDownload provides them. For one thread.
class BlobStream {
 public:
  /// `session` must outlive this object, and is used by nothing else from the first call of read()
  /// on.
  BlobStream(Session& session, const Descriptor& descriptor) : download_(session, descriptor) {}
  BlobStream(const BlobStream&) = delete;
  BlobStream& operator=(const BlobStream&) = delete;
  /// Ends the download.
  ~BlobStream();

  /// As BlobDownload::read(). The first call starts the download.
  std::size_t read(std::span<std::byte> into, const std::stop_token& stop);

 private:
  void run() noexcept;
  void download_all();

  BlobDownload download_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable_any piece_came_;
  std::condition_variable_any room_came_;
  std::deque<Bytes> pieces_;
  bool has_ended_ = false;
  std::exception_ptr failure_;
  Bytes current_;
  std::size_t taken_ = 0;  // of current_
  std::thread thread_;
};

}  // namespace cim::oci
