// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The threads that take requests from the kernel and answer them.

#include <cstdint>
#include <semaphore>
#include <vector>

#include <pthread.h>

struct fuse_session;

namespace cim::mount {

class WorkerThreads {
 public:
  /// Releases `finished` when one of them ends because the kernel has unmounted.
  WorkerThreads(fuse_session* session, std::uint32_t count, std::counting_semaphore<>& finished);
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;
  /// Ends all threads, each after its current request.
  ~WorkerThreads();

 private:
  static void* run(void* self) noexcept(false);

  fuse_session* session_;
  std::counting_semaphore<>& finished_;
  std::vector<pthread_t> threads_;
};

}  // namespace cim::mount
