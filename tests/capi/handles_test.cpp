// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "capi/handles.h"

#include <memory>
#include <set>

#include <gtest/gtest.h>

namespace cim::capi {
namespace {

TEST(HandleTable, FindsInsertedObjects) {
  HandleTable table;
  const auto object = std::make_shared<int>(7);
  const auto handle = table.add(object, HandleKind::kImage);
  EXPECT_NE(handle, 0U);
  EXPECT_EQ(table.find(handle, HandleKind::kImage), object);
}

TEST(HandleTable, DistinguishesKinds) {
  HandleTable table;
  const auto handle = table.add(std::make_shared<int>(7), HandleKind::kImage);
  EXPECT_EQ(table.find(handle, HandleKind::kStream), nullptr);
  EXPECT_EQ(table.remove(handle, HandleKind::kImageWriter), nullptr);
  EXPECT_NE(table.find(handle, HandleKind::kImage), nullptr);
}

TEST(HandleTable, ReusesASlotUnderANewHandle) {
  HandleTable table;
  std::set<std::uintptr_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto handle = table.add(std::make_shared<int>(i), HandleKind::kImage);
    EXPECT_TRUE(seen.insert(handle).second);
    EXPECT_NE(table.remove(handle, HandleKind::kImage), nullptr);
    EXPECT_EQ(table.find(handle, HandleKind::kImage), nullptr);
    EXPECT_EQ(table.remove(handle, HandleKind::kImage), nullptr);
  }
}

TEST(HandleTable, RefusesUnknownNumbers) {
  HandleTable table;
  const auto handle = table.add(std::make_shared<int>(7), HandleKind::kImage);
  for (const std::uintptr_t made_up : {std::uintptr_t{0}, ~std::uintptr_t{0}, handle + 8,
                                       handle + (std::uintptr_t{1} << 24), std::uintptr_t{4096}}) {
    EXPECT_EQ(table.find(made_up, HandleKind::kImage), nullptr) << made_up;
  }
}

TEST(HandleTable, KeepsAnObjectThatIsInUse) {
  HandleTable table;
  auto object = std::make_shared<int>(7);
  const std::weak_ptr<int> watch = object;
  const auto handle = table.add(std::move(object), HandleKind::kImage);
  const auto used = table.find(handle, HandleKind::kImage);
  table.remove(handle, HandleKind::kImage);
  EXPECT_FALSE(watch.expired());
}

}  // namespace
}  // namespace cim::capi
