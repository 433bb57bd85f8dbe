// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/handle_table.h"

#include <memory>
#include <set>

#include <gtest/gtest.h>

namespace cim {
namespace {

constexpr unsigned kImageWriter = 1;
constexpr unsigned kImage = 3;
constexpr unsigned kStream = 4;

TEST(HandleTable, FindsInsertedObjects) {
  HandleTable table;
  const auto object = std::make_shared<int>(7);
  const auto handle = table.add(object, kImage);
  EXPECT_NE(handle, 0U);
  EXPECT_EQ(table.find(handle, kImage), object);
}

TEST(HandleTable, DistinguishesKinds) {
  HandleTable table;
  const auto handle = table.add(std::make_shared<int>(7), kImage);
  EXPECT_EQ(table.find(handle, kStream), nullptr);
  EXPECT_EQ(table.remove(handle, kImageWriter), nullptr);
  EXPECT_NE(table.find(handle, kImage), nullptr);
}

TEST(HandleTable, ReusesASlotUnderANewHandle) {
  HandleTable table;
  std::set<std::uintptr_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto handle = table.add(std::make_shared<int>(i), kImage);
    EXPECT_TRUE(seen.insert(handle).second);
    EXPECT_NE(table.remove(handle, kImage), nullptr);
    EXPECT_EQ(table.find(handle, kImage), nullptr);
    EXPECT_EQ(table.remove(handle, kImage), nullptr);
  }
}

TEST(HandleTable, RefusesUnknownNumbers) {
  HandleTable table;
  const auto handle = table.add(std::make_shared<int>(7), kImage);
  for (const std::uintptr_t made_up : {std::uintptr_t{0}, ~std::uintptr_t{0}, handle + 8,
                                       handle + (std::uintptr_t{1} << 24), std::uintptr_t{4096}}) {
    EXPECT_EQ(table.find(made_up, kImage), nullptr) << made_up;
  }
}

TEST(HandleTable, KeepsAnObjectThatIsInUse) {
  HandleTable table;
  auto object = std::make_shared<int>(7);
  const std::weak_ptr<int> watch = object;
  const auto handle = table.add(std::move(object), kImage);
  const auto used = table.find(handle, kImage);
  table.remove(handle, kImage);
  EXPECT_FALSE(watch.expired());
}

}  // namespace
}  // namespace cim
