// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "async/worker.h"

#include <chrono>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace cim {
namespace {

TEST(Worker, DoesAllWork) {
  int left = 0;
  int done = 0;
  Worker worker([&] { return left > 0; },
                [&](Worker::Lock& lock) {
                  --left;
                  lock.unlock();
                  lock.lock();
                  ++done;
                });
  worker.start();
  for (int i = 0; i < 100; ++i) {
    {
      const Worker::Lock lock = worker.lock();
      ++left;
    }
    worker.wake();
  }
  Worker::Lock lock = worker.lock();
  worker.wait(lock, [&] { return done == 100; });
  EXPECT_EQ(left, 0);
}

TEST(Worker, ThrowsAFailureAtEveryWaitAndStops) {
  int pieces = 0;
  Worker worker([] { return true; },
                [&](Worker::Lock& lock) {
                  ++pieces;
                  lock.unlock();
                  throw std::runtime_error("the disk is gone");
                });
  worker.start();
  Worker::Lock lock = worker.lock();
  for (int i = 0; i < 2; ++i) {
    EXPECT_THROW(worker.wait(lock, [] { return false; }), std::runtime_error);
    EXPECT_TRUE(lock.owns_lock());
  }
  EXPECT_EQ(pieces, 1);
}

TEST(Worker, MayBeDestroyedBeforeStartAndWithPendingWork) {
  const Worker idle([] { return true; }, [](Worker::Lock&) { FAIL(); });
  int pieces = 0;
  {
    Worker busy([] { return true; },
                [&](Worker::Lock& lock) {
                  ++pieces;
                  lock.unlock();
                  std::this_thread::sleep_for(std::chrono::milliseconds(1));
                  lock.lock();
                });
    busy.start();
    Worker::Lock lock = busy.lock();
    busy.wait(lock, [&] { return pieces > 0; });
  }
  EXPECT_GT(pieces, 0);  // the destructor stops the work, which would otherwise never end
}

}  // namespace
}  // namespace cim
