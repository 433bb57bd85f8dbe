// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/operation_guard.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "expect_error.h"

namespace cim {
namespace {

OperationGuard make_guard() {
  return {"a.cim", "the image is already committed"};
}

void fail() {
  throw Error(ErrorCode::kNoSpace, "region", "cannot write");
}

TEST(OperationGuard, ReturnsWhatTheWorkReturns) {
  OperationGuard guard = make_guard();
  EXPECT_EQ(guard.run([] { return 3; }), 3);
  EXPECT_EQ(guard.close([] { return 4; }), 4);
}

TEST(OperationGuard, RefusesEveryCallAfterAFailure) {
  OperationGuard guard = make_guard();
  test::expect_error(ErrorCode::kNoSpace, "cannot write", [&] { guard.run(fail); });
  for (int i = 0; i < 2; ++i) {
    test::expect_error(ErrorCode::kNoSpace, "cannot write", [&] { guard.require_open(); });
    test::expect_error(ErrorCode::kNoSpace, "cannot write", [&] { guard.run([] {}); });
    test::expect_error(ErrorCode::kNoSpace, "cannot write", [&] { guard.close([] {}); });
  }
}

TEST(OperationGuard, RefusesEveryCallAfterTheLast) {
  OperationGuard guard = make_guard();
  guard.close([] {});
  test::expect_error(ErrorCode::kInvalidArgument, "already committed",
                     [&] { guard.require_open(); });
  test::expect_error(ErrorCode::kInvalidArgument, "already committed", [&] { guard.run([] {}); });
  test::expect_error(ErrorCode::kInvalidArgument, "already committed", [&] { guard.close([] {}); });
}

TEST(OperationGuard, FailsAfterAFailedClose) {
  OperationGuard guard = make_guard();
  test::expect_error(ErrorCode::kNoSpace, "cannot write", [&] { guard.close(fail); });
  test::expect_error(ErrorCode::kNoSpace, "cannot write", [&] { guard.close([] {}); });
}

TEST(OperationGuard, FailsAfterAForeignException) {
  OperationGuard guard = make_guard();
  EXPECT_THROW(guard.run([] { throw std::bad_alloc(); }), std::bad_alloc);
  EXPECT_THROW(guard.close([] {}), std::bad_alloc);
}

}  // namespace
}  // namespace cim
