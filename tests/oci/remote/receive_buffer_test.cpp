// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/receive_buffer.h"

#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace cim::oci {
namespace {

// Returns the kept bytes, taken in pieces of at most this size.
std::string take_all(ReceiveBuffer& buffer, std::size_t piece) {
  std::string text;
  Bytes into(piece);
  while (!buffer.is_empty()) {
    text += as_text(ByteView(into).first(buffer.take(into)));
  }
  return text;
}

TEST(ReceiveBuffer, FillsTheBufferOfAWaitingReaderFirst) {
  ReceiveBuffer buffer;
  std::array<std::byte, 4> into{};
  buffer.start_waiting(into);
  EXPECT_FALSE(buffer.has_received());
  EXPECT_TRUE(buffer.accept(as_bytes("ab")));
  EXPECT_TRUE(buffer.has_received());
  EXPECT_TRUE(buffer.accept(as_bytes("cdef")));
  EXPECT_EQ(buffer.stop_waiting(), 4U);
  EXPECT_EQ(as_text(into), "abcd");
  EXPECT_FALSE(buffer.has_received());
  EXPECT_EQ(take_all(buffer, 10), "ef");
}

TEST(ReceiveBuffer, KeepsBytesThatNobodyWaitsFor) {
  ReceiveBuffer buffer;
  EXPECT_TRUE(buffer.is_empty());
  EXPECT_TRUE(buffer.accept(as_bytes("abc")));
  EXPECT_TRUE(buffer.accept(as_bytes("de")));
  EXPECT_FALSE(buffer.is_empty());
  EXPECT_EQ(take_all(buffer, 2), "abcde");

  std::array<std::byte, 4> into{};
  buffer.start_waiting(into);
  EXPECT_TRUE(buffer.accept(as_bytes("f")));
  EXPECT_EQ(buffer.stop_waiting(), 1U);
  EXPECT_EQ(static_cast<char>(into.front()), 'f');
  EXPECT_TRUE(buffer.is_empty());
}

TEST(ReceiveBuffer, AcceptsNothingAtItsLimit) {
  ReceiveBuffer buffer;
  const std::string half(std::size_t{512} * 1024, 'x');
  EXPECT_TRUE(buffer.accept(as_bytes(half)));
  EXPECT_TRUE(buffer.accept(as_bytes(half)));
  EXPECT_FALSE(buffer.accept(as_bytes("y")));
  EXPECT_TRUE(take_all(buffer, 1000) == half + half);
  EXPECT_TRUE(buffer.accept(as_bytes("y")));
  EXPECT_EQ(take_all(buffer, 10), "y");
}

}  // namespace
}  // namespace cim::oci
