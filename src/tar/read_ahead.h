// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reading and unpacking in a thread of their own, while what was read before is worked on.

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>

#include "async/shared_bytes.h"
#include "tar/source.h"

namespace cim::tar {

/// The bytes of another source, some runs ahead. Nobody else may use that source meanwhile.
class ReadAhead final : public Source {
 public:
  /// `source` must outlive it. `stop` is what makes a waiting source give up; it is asked to at the
  /// end of this object.
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
  SharedBytes current_;  // the caller looks at it
  bool ended_ = false;
  std::exception_ptr failure_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace cim::tar
