// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "async/shared_bytes.h"

#include <gtest/gtest.h>

namespace cim {
namespace {

TEST(BufferPool, ReusesABufferOnceItIsReleased) {
  BufferPool pool(10);
  auto first = pool.take();
  EXPECT_EQ(first->size(), 10U);
  const auto second = pool.take();
  EXPECT_NE(first, second);
  const BufferPool::Buffer* const place = first.get();
  first.reset();
  EXPECT_EQ(pool.take().get(), place);
}

TEST(BufferPool, BuffersMayOutliveThePool) {
  std::shared_ptr<BufferPool::Buffer> buffer;
  {
    BufferPool pool(3);
    buffer = pool.take();
  }
  (*buffer)[2] = std::byte{1};
}

}  // namespace
}  // namespace cim
