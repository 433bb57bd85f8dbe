// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/hive_diff.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/utf16.h"
#include "expect_error.h"
#include "registry/damage_cases.h"
#include "registry/hive_file.h"

namespace cim::registry {
namespace {

using test::add_key;
using test::hive_with;
using testing::ElementsAre;
using testing::IsEmpty;

std::string fields_text(std::uint32_t fields) {
  std::string text;
  for (const FieldName& name : hive_field_names()) {
    if ((fields & name.field) != 0) {
      text += text.empty() ? "" : ",";
      text += name.name;
    }
  }
  return text;
}

/// "changed A\B time,values [added v] [changed w data]".
std::string text_of(const KeyDifference& difference) {
  std::string text = std::string(to_string(difference.kind)) + " " + difference.path;
  text += difference.fields == 0 ? "" : " " + fields_text(difference.fields);
  for (const ValueDifference& value : difference.values) {
    text += " [" + std::string(to_string(value.kind)) + " " +
            (value.after ? *value.after : *value.before).name();
    text += (value.fields == 0 ? "" : " " + fields_text(value.fields)) + "]";
  }
  return text;
}

std::vector<std::string> differences(const Hive& before, const Hive& after,
                                     const HiveDiffOptions& options = {}) {
  std::vector<std::string> lines;
  const HiveDiffSummary summary = diff(before, after, options, [&](const KeyDifference& found) {
    lines.push_back(text_of(found));
    EXPECT_EQ(found.before.has_value(), found.kind != DifferenceKind::kAdded);
    EXPECT_EQ(found.after.has_value(), found.kind != DifferenceKind::kRemoved);
    return true;
  });
  EXPECT_EQ(summary.added + summary.removed + summary.changed, lines.size());
  EXPECT_EQ(summary.is_same(), lines.empty());
  return lines;
}

TEST(HiveDiff, FindsNothingInEqualHives) {
  const Bytes bytes = test::sample_hive().bytes();
  EXPECT_THAT(differences(Hive::from_bytes(bytes, "a"), Hive::from_bytes(bytes, "b")), IsEmpty());
}

TEST(HiveDiff, ReportsAddedAndRemovedKeysWithAllBelow) {
  const Hive before = hive_with([](MutableKey& root) {
    add_key(add_key(root, u"a"), u"b").add_value({u"v", kRegSz, test::text_data(u"x")});
    add_key(root, u"m");
  });
  const Hive after = hive_with([](MutableKey& root) {
    add_key(root, u"M");
    add_key(add_key(root, u"z"), u"y").add_value({u"w", kRegNone, {}});
  });
  EXPECT_THAT(differences(before, after),
              ElementsAre("removed a", "removed a\\b [removed v]", "changed M name", "added z",
                          "added z\\y [added w]"));
  EXPECT_THAT(differences(before, after, {.path = "A"}),
              ElementsAre("removed a", "removed a\\b [removed v]"));
}

TEST(HiveDiff, ComparesAttributesOfKeys) {
  const auto key_with = [](const std::function<void(MutableAttributes&)>& change) {
    return hive_with([&change](MutableKey& root) {
      MutableAttributes attributes = test::plain_attributes();
      change(attributes);
      root.add_subkey(u"k", std::move(attributes));
    });
  };
  const Hive plain = key_with([](MutableAttributes&) {});
  const auto changed = [&](const std::function<void(MutableAttributes&)>& change) {
    return differences(plain, key_with(change));
  };
  EXPECT_THAT(changed([](auto& key) { key.time = {5}; }), ElementsAre("changed k time"));
  EXPECT_THAT(changed([](auto& key) { append_utf16_le(key.class_name, u"c"); }),
              ElementsAre("changed k class"));
  EXPECT_THAT(changed([](auto& key) { key.control = 0x20; }), ElementsAre("changed k flags"));
  EXPECT_THAT(changed([](auto& key) { key.debug = 1; }), ElementsAre("changed k flags"));
  EXPECT_THAT(changed([](auto& key) { key.flags = kKeySymbolicLink; }),
              ElementsAre("changed k flags"));
  EXPECT_THAT(changed([](auto& key) {
                Bytes bytes = *key.descriptor;
                bytes[28] = std::byte{0x19};
                key.descriptor = std::make_shared<const Bytes>(bytes);
              }),
              ElementsAre("changed k security"));
  const Hive other = key_with([](auto& key) { key.time = {5}; });
  EXPECT_THAT(differences(plain, other, {.ignored = hive_field::kTime}), IsEmpty());
}

TEST(HiveDiff, ComparesValuesIgnoringTheirOrder) {
  const Hive before = hive_with([](MutableKey& root) {
    root.add_value({u"same", kRegSz, test::text_data(u"x")});
    root.add_value({u"data", kRegBinary, test::value_bytes(40'000)});
    root.add_value({u"type", kRegNone, {}});
    root.add_value({u"gone", kRegNone, {}});
    root.add_value({u"case", kRegNone, {}});
  });
  const Hive after = hive_with([](MutableKey& root) {
    Bytes other = test::value_bytes(40'000);
    other.back() ^= std::byte{1};
    root.add_value({u"new", kRegNone, {}});
    root.add_value({u"CASE", kRegNone, {}});
    root.add_value({u"type", kRegBinary, {}});
    root.add_value({u"data", kRegBinary, other});
    root.add_value({u"same", kRegSz, test::text_data(u"x")});
  });
  EXPECT_THAT(differences(before, after),
              ElementsAre("changed  values [changed CASE name] [changed data data] [removed gone] "
                          "[added new] [changed type type]"));
  EXPECT_THAT(differences(before, after, {.ignored = hive_field::kName | hive_field::kData}),
              ElementsAre("changed  values [removed gone] [added new] [changed type type]"));
  EXPECT_THAT(differences(before, after, {.ignored = hive_field::kValues}), IsEmpty());
}

TEST(HiveDiff, ComparesDeltasAsTheyAre) {
  const Hive before = hive_with(
      [](MutableKey& root) {
        add_key(root, u"k");
        root.add_value({u"v", kRegNone, {}});
      },
      true);
  const Hive after = hive_with(
      [](MutableKey& root) {
        MutableAttributes attributes = test::plain_attributes();
        attributes.layer = 1;
        root.add_subkey(u"k", std::move(attributes));
        root.add_value({u"v", kRegNone, {}, true});
      },
      true);
  EXPECT_THAT(differences(before, after),
              ElementsAre("changed  values [changed v layer]", "changed k layer"));
}

TEST(HiveDiff, EndsWhenTheSinkHasSeenEnough) {
  const Hive before = hive_with([](MutableKey&) {});
  const Hive after = hive_with([](MutableKey& root) {
    add_key(root, u"a");
    add_key(root, u"b");
  });
  const HiveDiffSummary summary =
      diff(before, after, {}, [](const KeyDifference&) { return false; });
  EXPECT_EQ(summary.added, 1U);
}

TEST(HiveDiff, FailsForAPathThatNeitherHas) {
  const Hive hive = hive_with([](MutableKey& root) { add_key(root, u"a"); });
  const auto ignore = [](const KeyDifference&) { return true; };
  test::expect_error(ErrorCode::kNotFound, "b: no such key in either hive",
                     [&] { diff(hive, hive, {.path = "b"}, ignore); });
  std::stop_source stop;
  stop.request_stop();
  test::expect_error(ErrorCode::kCancelled, "stopped",
                     [&] { diff(hive, hive, {.stop = stop.get_token()}, ignore); });
}

}  // namespace
}  // namespace cim::registry
