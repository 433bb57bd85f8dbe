// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/edit/mutable_tree.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "expect_error.h"
#include "registry/damage_cases.h"
#include "registry/edit/assumptions.h"
#include "registry/hive_file.h"

namespace cim::registry {
namespace {

MutableTree sample_tree() {
  return MutableTree(data_of(Hive::from_bytes(test::sample_hive().bytes(), "sample")));
}

std::vector<std::string> subkeys_of(MutableKey& key) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < key.subkey_count(); ++i) {
    names.push_back(key.subkey_at(i).name().to_wtf8());
  }
  return names;
}

MutableKey& add(MutableKey& parent, std::u16string_view name) {
  return parent.add_subkey(name, test::plain_attributes());
}

MutableTree three_keys() {
  MutableTree tree(u"ROOT");
  add(tree.root(), u"b");
  add(tree.root(), u"C");
  add(tree.root(), u"a");
  return tree;
}

TEST(MutableTree, EnumeratesSubkeysInOrderAndByIndex) {
  MutableTree tree = sample_tree();
  MutableKey& many = *tree.root().find_subkey(u"Many");
  const auto names = subkeys_of(many);
  ASSERT_EQ(names.size(), 600U);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (std::size_t i = names.size(); i-- > 0;) {
    EXPECT_EQ(many.subkey_at(i).name().to_wtf8(), names[i]);
  }
  for (const std::size_t i : {599U, 0U, 300U, 301U, 299U, 10U, 590U}) {
    EXPECT_EQ(many.subkey_at(i).name().to_wtf8(), names[i]);
  }
}

TEST(MutableTree, EnumeratesWhatWasChanged) {
  MutableTree tree = three_keys();
  EXPECT_EQ(subkeys_of(tree.root()), (std::vector<std::string>{"a", "b", "C"}));
  add(tree.root(), u"0");
  EXPECT_EQ(tree.root().subkey_at(2).name().to_wtf8(), "b");
  EXPECT_TRUE(tree.root().remove_subkey(u"A"));
  EXPECT_EQ(tree.root().subkey_at(2).name().to_wtf8(), "C");
}

TEST(MutableTree, EnumeratesValuesInTheirOrder) {
  MutableTree tree(u"ROOT");
  MutableKey& root = tree.root();
  root.set_value({u"z", kRegDword, test::value_bytes(4)});
  root.set_value({u"", kRegBinary, test::value_bytes(7)});
  ASSERT_EQ(root.value_count(), 2U);
  EXPECT_EQ(root.value_at(1).data, test::value_bytes(7));
  EXPECT_EQ(root.value_at(0).name, u"z");
  EXPECT_EQ(root.value(u"Z")->data, test::value_bytes(4));
  EXPECT_EQ(root.value(u"none"), nullptr);
  root.remove_value(u"Z");
  EXPECT_EQ(root.value_at(0).data, test::value_bytes(7));
}

TEST(MutableTree, ShowsNamesTimesAndClassesOfKeysThatAreNotOpen) {
  MutableTree tree = sample_tree();
  MutableKey& alpha = *tree.root().find_subkey(u"Alpha");
  const FileTime time = alpha.time();
  const Bytes class_name(alpha.class_name().begin(), alpha.class_name().end());
  EXPECT_FALSE(class_name.empty());
  EXPECT_EQ(alpha.attributes().time, time);
  EXPECT_EQ(alpha.attributes().class_name, class_name);
  EXPECT_EQ(alpha.parent(), &tree.root());
  EXPECT_EQ(tree.root().parent(), nullptr);
}

TEST(MutableTree, RenamesKeysIntoTheirNewPlace) {
  MutableTree tree = three_keys();
  MutableKey& key = *tree.root().find_subkey(u"a");
  add(key, u"kid");
  key.rename(u"bb");
  EXPECT_EQ(subkeys_of(tree.root()), (std::vector<std::string>{"b", "bb", "C"}));
  EXPECT_EQ(tree.root().find_subkey(u"BB"), &key);
  key.rename(u"BB");
  EXPECT_EQ(subkeys_of(tree.root()), (std::vector<std::string>{"b", "BB", "C"}));
  EXPECT_NE(key.find_subkey(u"kid"), nullptr);
}

TEST(MutableTree, RefusesNamesThatAreTakenOrInvalid) {
  MutableTree tree = three_keys();
  MutableKey& key = *tree.root().find_subkey(u"a");
  test::expect_error(ErrorCode::kExists, "already exists", [&] { key.rename(u"c"); });
  test::expect_error(ErrorCode::kInvalidArgument, "1 to 255", [&] { key.rename(u""); });
  test::expect_error(ErrorCode::kInvalidArgument, "no backslash", [&] { key.rename(u"x\\y"); });
  EXPECT_EQ(subkeys_of(tree.root()), (std::vector<std::string>{"a", "b", "C"}));
}

TEST(MutableTree, RenamesAKeyOfTheSource) {
  MutableTree tree = sample_tree();
  tree.root().find_subkey(u"Many")->rename(u"Few");
  const Hive hive = Hive::from_bytes(tree.to_bytes({}), "renamed");
  EXPECT_FALSE(hive.find("Many").has_value());
  EXPECT_EQ(hive.find("Few")->subkey_count(), 600U);
}

TEST(MutableTree, IsLimitedInDepth) {
  MutableTree tree(u"ROOT");
  MutableKey* key = &tree.root();
  for (int depth = 1; depth < kMaxDepth; ++depth) {
    key = &add(*key, u"k");
  }
  test::expect_error(ErrorCode::kLimit, "512 levels", [&] { add(*key, u"k"); });
  EXPECT_EQ(Hive::from_bytes(tree.to_bytes({}), "deep").key_count(), std::uint64_t{kMaxDepth});
  tree.root().check_depth_below(kMaxDepth - 1);
  test::expect_error(ErrorCode::kLimit, "512", [&] { tree.root().check_depth_below(kMaxDepth); });
}

TEST(MutableTree, WritesAHiveOfOneKeyAndAllBelow) {
  MutableTree tree = sample_tree();
  const Bytes bytes = MutableTree::to_bytes({}, *tree.root().find_subkey(u"Many"));
  EXPECT_TRUE(check(bytes, {.min_severity = Severity::kNote}).findings.empty());
  const Hive hive = Hive::from_bytes(bytes, "part");
  EXPECT_EQ(hive.root().name(), "Many");
  EXPECT_EQ(hive.key_count(), 601U);
}

TEST(MutableTree, PassesVirtualizationFlagsToNewKeysIfTheySaySo) {
  MutableTree tree(u"ROOT");
  tree.root().attributes().control = 0x21;
  EXPECT_EQ(assumed_attributes_of_new_key(tree.root(), {}).control, 0x00);
  tree.root().attributes().control = 0xA1;
  EXPECT_EQ(assumed_attributes_of_new_key(tree.root(), {}).control, 0xA0);
}

}  // namespace
}  // namespace cim::registry
