// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <string_view>

#include <gtest/gtest.h>

#include "expect_error.h"
#include "tar/compression.h"
#include "tar/memory_streams.h"

namespace cim::tar {
namespace {

TEST(ZstdUnsupported, SaysWhatToDo) {
  using namespace std::string_view_literals;
  test::MemorySource source("\x28\xB5\x2F\xFD\0\0\0\0"sv);
  test::expect_error(ErrorCode::kUnsupported, "\"zstd -d\" unpacks it",
                     [&] { decompress(source); });
}

}  // namespace
}  // namespace cim::tar
