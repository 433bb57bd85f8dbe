// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reading and decompressing in a separate thread while the caller processes earlier bytes.

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>

#include "async/shared_bytes.h"
#include "tar/source.h"

namespace cim::tar {

/// Provides the bytes of another source, read some runs ahead. Only this object may use that source
/// until it is destroyed.
class ReadAhead final : public Source {
 public:
  /// `source` must outlive this object. A stop requested through `stop` must end any wait in
  /// `source`; the destructor requests it.
  ReadAhead(Source& source, std::stop_source stop);
  ~ReadAhead() override;

  ByteView next() override;
  std::shared_ptr<const void> owner() const override { return current_.owner; }

 private:
  void run() noexcept;
  void read_all();

  Source& source_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable run_came_;
  std::condition_variable room_came_;
  std::deque<SharedBytes> runs_;
  SharedBytes current_;  // the run that the caller is using
  bool ended_ = false;
  std::exception_ptr failure_;
  std::thread thread_;  // last, since it uses all of the above
};

}  // namespace cim::tar
