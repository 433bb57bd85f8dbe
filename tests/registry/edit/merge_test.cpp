// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>

#include <gtest/gtest.h>

#include "cimlib/error.h"
#include "cimlib/hive.h"

#include "base/utf16.h"
#include "expect_error.h"
#include "os/file.h"
#include "registry/damage_cases.h"
#include "registry/hive_file.h"
#include "temporary_directory.h"

namespace cim::registry {
namespace {

constexpr std::uint8_t kInherit = kLayerInheritClass;

/// Returns the data of a one-letter text value.
Bytes letter(char16_t unit) {
  Bytes bytes;
  append_utf16_le(bytes, {&unit, 1});
  return bytes;
}

/// Returns a descriptor that differs from the default one in one byte.
std::shared_ptr<const Bytes> other_descriptor() {
  Bytes bytes = *test::plain_attributes().descriptor;
  bytes[28] = std::byte{0x19};
  return std::make_shared<const Bytes>(bytes);
}

MutableAttributes base_attributes(std::u16string_view class_name = {}) {
  MutableAttributes made = test::plain_attributes();
  made.time = {200};
  append_utf16_le(made.class_name, class_name);
  return made;
}

/// Returns attributes for a delta's key, with another descriptor and an older time.
MutableAttributes delta_attributes(unsigned layer, std::u16string_view class_name = {}) {
  MutableAttributes made = base_attributes(class_name);
  made.time = {100};
  made.layer = static_cast<std::uint8_t>(layer);
  made.descriptor = other_descriptor();
  return made;
}

void set(MutableKey& key, std::u16string_view name, char16_t data) {
  key.add_value({std::u16string(name), kRegSz, letter(data)});
}

void hide(MutableKey& key, std::u16string_view name) {
  key.add_value({std::u16string(name), kRegNone, {}, true});
}

Hive hive_of(const MutableTree& model, bool layered) {
  BuildOptions options;
  options.layered = layered;
  options.minor_version = layered ? 6 : 5;
  return Hive::from_bytes(model.to_bytes(options), layered ? "delta" : "base");
}

Hive merged(const MutableTree& base, const MutableTree& delta, std::string* warnings = nullptr) {
  MergeOptions options;
  if (warnings != nullptr) {
    options.warning = [warnings](const std::string& warning) { *warnings += warning + "\n"; };
  }
  MergedHive result = merge(hive_of(base, false), hive_of(delta, true), options, "merged");
  EXPECT_TRUE(check(result.bytes, {.min_severity = Severity::kNote}).findings.empty());
  return Hive::from_bytes(std::move(result.bytes), "merged");
}

std::string values_of(const Key& key) {
  std::string text;
  for (const Value value : key.values()) {
    text += " " + value.name() + "=" + value.text().value_or("?");
  }
  return text;
}

/// Describes the key in one line, such as "Key class=C sd=base time=200: a=1 b=2 [Kid: a=1]".
std::string describe(const Hive& hive, std::string_view path) {
  const auto key = hive.find(path);
  if (!key) {
    return "none";
  }
  const bool from_delta = key->descriptor()[28] == std::byte{0x19};
  std::string text = key->name() + " class=" + key->class_name().value_or("-") +
                     " sd=" + (from_delta ? "delta" : "base") +
                     " time=" + std::to_string(key->time().ticks) + ":" + values_of(*key);
  for (const Key subkey : key->subkeys()) {
    text += " [" + subkey.name() + ":" + values_of(subkey) + "]";
  }
  return text;
}

// ---- every semantic, with the key in either hive or both ----

struct MatrixCase {
  std::string name;
  unsigned layer;
  std::string delta_only;
  std::string both;
};

void PrintTo(const MatrixCase& matrix_case, std::ostream* out) {
  *out << matrix_case.name;
}

const std::vector<MatrixCase> kMatrix{
    {"Merge", 0, "KEY class=Above sd=delta time=100: OVER=d new=d [KID: k=d] [Own: o=d]",
     "Key class=Above sd=delta time=200: keep=b OVER=d new=d [Kid: k=d] [Left: l=b] [Own: o=d]"},
    {"MergeInheritingClass", kInherit,
     "KEY class=- sd=delta time=100: OVER=d new=d [KID: k=d] [Own: o=d]",
     "Key class=Below sd=delta time=200: keep=b OVER=d new=d [Kid: k=d] [Left: l=b] [Own: o=d]"},
    {"Tombstone", 1, "none", "none"},
    {"SupersedeLocal", 2, "KEY class=Above sd=delta time=100: OVER=d new=d [KID: k=d] [Own: o=d]",
     "KEY class=Above sd=delta time=100: OVER=d new=d [Kid: k=d] [Left: l=b] [Own: o=d]"},
    {"SupersedeLocalInheritingClass", 2 | kInherit,
     "KEY class=- sd=delta time=100: OVER=d new=d [KID: k=d] [Own: o=d]",
     "KEY class=Below sd=delta time=100: OVER=d new=d [Kid: k=d] [Left: l=b] [Own: o=d]"},
    {"SupersedeTree", 3, "KEY class=Above sd=delta time=100: OVER=d new=d [KID: k=d] [Own: o=d]",
     "KEY class=Above sd=delta time=100: OVER=d new=d [KID: k=d] [Own: o=d]"},
    {"SupersedeTreeInheritingClass", 3 | kInherit,
     "KEY class=- sd=delta time=100: OVER=d new=d [KID: k=d] [Own: o=d]",
     "KEY class=Below sd=delta time=100: OVER=d new=d [KID: k=d] [Own: o=d]"},
};

class MergeMatrix : public testing::TestWithParam<MatrixCase> {
 protected:
  static MutableTree base() {
    MutableTree model(u"ROOT");
    MutableKey& key = model.root().add_subkey(u"Key", base_attributes(u"Below"));
    set(key, u"keep", u'b');
    set(key, u"over", u'b');
    set(key, u"dead", u'b');
    set(key.add_subkey(u"Kid", base_attributes()), u"k", u'b');
    set(key.add_subkey(u"Left", base_attributes()), u"l", u'b');
    set(key.add_subkey(u"Lost", base_attributes()), u"x", u'b');
    return model;
  }

  static MutableTree delta(unsigned layer) {
    const unsigned below = (layer & 3) == 3 ? 3 : 0;
    MutableTree model(u"ROOT");
    MutableKey& key = model.root().add_subkey(u"KEY", delta_attributes(layer, u"Above"));
    if (layer == 1) {
      key.attributes().class_name.clear();
      return model;
    }
    set(key, u"OVER", u'd');
    hide(key, u"DEAD");
    hide(key, u"ghost");
    set(key, u"new", u'd');
    set(key.add_subkey(u"KID", delta_attributes(below)), u"k", u'd');
    set(key.add_subkey(u"Own", delta_attributes(below)), u"o", u'd');
    key.add_subkey(u"lost", delta_attributes(1));
    return model;
  }
};

TEST_P(MergeMatrix, KeepsAKeyThatTheDeltaDoesNotHave) {
  EXPECT_EQ(describe(merged(base(), MutableTree(u"ROOT")), "Key"),
            "Key class=Below sd=base time=200: keep=b over=b dead=b [Kid: k=b] [Left: l=b] "
            "[Lost: x=b]");
}

TEST_P(MergeMatrix, AddsAKeyThatTheBaseDoesNotHave) {
  EXPECT_EQ(describe(merged(MutableTree(u"ROOT"), delta(GetParam().layer)), "Key"),
            GetParam().delta_only);
}

TEST_P(MergeMatrix, MergesAKeyIntoThatOfTheBase) {
  EXPECT_EQ(describe(merged(base(), delta(GetParam().layer)), "Key"), GetParam().both);
}

INSTANTIATE_TEST_SUITE_P(Semantics, MergeMatrix, testing::ValuesIn(kMatrix),
                         [](const auto& shown) { return shown.param.name; });

// ---- the remaining rules ----

// The example in section 3.4 of the reference.
TEST(Merge, MatchesTheWorkedExample) {
  MutableTree base(u"ROOT");
  MutableKey& merge_key = base.root().add_subkey(u"Merge", base_attributes(u"BaseCls"));
  set(merge_key, u"keep", u'b');
  set(merge_key, u"Over", u'b');
  set(merge_key, u"Dead", u'b');
  set(merge_key.add_subkey(u"OnlyBase", base_attributes()), u"x", u'b');
  merge_key.add_subkey(u"Gone", base_attributes()).add_subkey(u"GoneKid", base_attributes());
  MutableKey& local = base.root().add_subkey(u"Local", base_attributes(u"LB"));
  set(local, u"bv", u'b');
  set(local.add_subkey(u"Kid", base_attributes()), u"kv", u'b');
  MutableKey& tree = base.root().add_subkey(u"Tree", base_attributes(u"TB"));
  set(tree, u"bv", u'b');
  set(tree.add_subkey(u"Kid", base_attributes()), u"kv", u'b');
  base.root().add_subkey(u"Zed", base_attributes());

  MutableTree delta(u"ROOT");
  MutableKey& over = delta.root().add_subkey(u"MERGE", delta_attributes(0x80));
  set(over, u"OVER", u'd');
  hide(over, u"dead");
  hide(over, u"ghost");
  set(over, u"new", u'd');
  over.add_subkey(u"gone", delta_attributes(1));
  set(over.add_subkey(u"Fresh", delta_attributes(0)), u"f", u'd');
  MutableKey& local_over = delta.root().add_subkey(u"Local", delta_attributes(2));
  set(local_over, u"dv", u'd');
  set(local_over.add_subkey(u"Kid", delta_attributes(0x80)), u"kd", u'd');
  MutableKey& tree_over = delta.root().add_subkey(u"Tree", delta_attributes(0x83));
  set(tree_over, u"dv", u'd');
  tree_over.add_subkey(u"Kid", delta_attributes(1));
  set(tree_over.add_subkey(u"Other", delta_attributes(3)), u"o", u'd');
  delta.root().add_subkey(u"Alpha", delta_attributes(0)).add_subkey(u"Sub", delta_attributes(0));
  delta.root().add_subkey(u"NoBase", delta_attributes(1));

  const Hive hive = merged(base, delta);
  EXPECT_EQ(
      describe(hive, "Merge"),
      "Merge class=BaseCls sd=delta time=200: keep=b OVER=d new=d [Fresh: f=d] [OnlyBase: x=b]");
  EXPECT_EQ(describe(hive, "Local"), "Local class=- sd=delta time=100: dv=d [Kid: kv=b kd=d]");
  EXPECT_EQ(describe(hive, "Tree"), "Tree class=TB sd=delta time=100: dv=d [Other: o=d]");
  EXPECT_EQ(describe(hive, "Alpha"), "Alpha class=- sd=delta time=100: [Sub:]");
  EXPECT_EQ(describe(hive, "Zed"), "Zed class=- sd=base time=200:");
  EXPECT_EQ(describe(hive, "NoBase"), "none");
  EXPECT_EQ(hive.key_count(), 11U);
}

TEST(Merge, KeepsNameClassAndDescriptorOfTheRoot) {
  MutableTree base(u"Old", {200});
  append_utf16_le(base.root().attributes().class_name, u"Below");
  set(base.root(), u"a", u'b');
  MutableTree delta(u"New", {300});
  delta.root().attributes().descriptor = other_descriptor();
  append_utf16_le(delta.root().attributes().class_name, u"Above");
  set(delta.root(), u"b", u'd');
  EXPECT_EQ(describe(merged(base, delta), ""), "Old class=Below sd=base time=300: a=b b=d");
  delta.root().attributes().layer = 3;
  EXPECT_EQ(describe(merged(base, delta), ""), "Old class=Below sd=base time=300: b=d");
}

TEST(Merge, CombinesFlagsAndControlOfKeys) {
  const auto flags_after = [](unsigned layer) {
    MutableTree base(u"ROOT");
    MutableAttributes below = base_attributes();
    below.flags = 0x80;
    below.control = 0x21;
    below.debug = 3;
    base.root().add_subkey(u"k", below);
    MutableTree delta(u"ROOT");
    MutableAttributes above = delta_attributes(layer);
    above.flags = kKeySymbolicLink;
    above.debug = 5;
    delta.root().add_subkey(u"k", above);
    const Hive hive = merged(base, delta);
    const Key key = *hive.find("k");
    return std::vector<unsigned>{key.flags(), key.control(), key.debug()};
  };
  EXPECT_EQ(flags_after(0), (std::vector<unsigned>{0xB0, 0x21, 5}));
  EXPECT_EQ(flags_after(2), (std::vector<unsigned>{0x30, 0, 5}));
  EXPECT_EQ(flags_after(3), (std::vector<unsigned>{0x30, 0, 5}));
}

TEST(Merge, CopiesSymbolicLinksAsTheyAre) {
  MutableTree base(u"ROOT");
  MutableAttributes link = base_attributes();
  link.flags = kKeySymbolicLink;
  base.root()
      .add_subkey(u"Link", link)
      .set_value({u"SymbolicLinkValue", kRegLink, test::text_data(u"\\Registry\\Machine\\X")});
  base.root().add_subkey(u"X", base_attributes());
  MutableTree delta(u"ROOT");
  set(delta.root().add_subkey(u"LINK", delta_attributes(0)), u"v", u'd');
  const Hive hive = merged(base, delta);
  EXPECT_TRUE(hive.find("Link")->is_symbolic_link());
  EXPECT_EQ(hive.find("Link")->values().size(), 2U);
  EXPECT_EQ(hive.find("X")->values().size(), 0U);
}

TEST(Merge, MatchesNamesByTheUpperCaseOfWindows) {
  MutableTree base(u"ROOT");
  for (const char16_t* name : {u"\u00E9t\u00E9", u"\u00FF", u"stra\u00DFe", u"\u0131"}) {
    base.root().add_subkey(name, base_attributes());
  }
  MutableTree delta(u"ROOT");
  for (const char16_t* name : {u"\u00C9T\u00C9", u"\u0178", u"STRASSE", u"I"}) {
    delta.root().add_subkey(name, delta_attributes(0x80));
  }
  // Each of the first two pairs is one key; the others remain separate.
  EXPECT_EQ(merged(base, delta).root().subkey_count(), 6U);
}

TEST(Merge, IgnoresStaleVolatileSubkeys) {
  MutableTree delta(u"ROOT");
  delta.root().add_subkey(u"k", delta_attributes(0));
  BuildOptions layered;
  layered.layered = true;
  layered.minor_version = 6;
  test::HiveFile file(delta, layered);
  file.set_u32(file.key("k") + 24, 2).set_u32(file.key("k") + 32, 0x80000180);
  const Hive base = hive_of(MutableTree(u"ROOT"), false);
  const MergedHive result = merge(base, Hive::from_bytes(file.bytes(), "delta"), {}, "merged");
  EXPECT_TRUE(check(result.bytes, {.min_severity = Severity::kNote}).findings.empty());
}

TEST(Merge, TreatsUnmarkedKeysInsideASupersededTreeAsPartOfIt) {
  MutableTree base(u"ROOT");
  set(base.root().add_subkey(u"T", base_attributes()).add_subkey(u"K", base_attributes(u"C")), u"b",
      u'b');
  MutableTree delta(u"ROOT");
  MutableKey& tree = delta.root().add_subkey(u"T", delta_attributes(3));
  set(tree.add_subkey(u"K", delta_attributes(0x80)), u"d", u'd');
  tree.add_subkey(u"L", delta_attributes(3)).add_subkey(u"M", delta_attributes(1));
  std::string warnings;
  EXPECT_EQ(describe(merged(base, delta, &warnings), "T\\K"), "K class=- sd=delta time=100: d=d");
  EXPECT_THAT(warnings, testing::HasSubstr("1 keys below one that supersedes"));
}

TEST(Merge, SupersedesInsideASupersededTree) {
  MutableTree base(u"ROOT");
  MutableKey& below = base.root().add_subkey(u"T", base_attributes());
  below.add_subkey(u"K", base_attributes(u"C")).add_subkey(u"Deep", base_attributes());
  MutableTree delta(u"ROOT");
  MutableKey& tree = delta.root().add_subkey(u"T", delta_attributes(3));
  set(tree.add_subkey(u"K", delta_attributes(0x83)), u"d", u'd');
  const Hive hive = merged(base, delta);
  EXPECT_EQ(describe(hive, "T\\K"), "K class=- sd=delta time=100: d=d");
}

TEST(Merge, SkipsTheContentOfDeletedKeys) {
  MutableTree delta(u"ROOT");
  MutableKey& dead = delta.root().add_subkey(u"k", delta_attributes(1));
  set(dead, u"v", u'd');
  dead.add_subkey(u"s", delta_attributes(0));
  std::string warnings;
  EXPECT_EQ(merged(MutableTree(u"ROOT"), delta, &warnings).key_count(), 1U);
  EXPECT_THAT(warnings, testing::HasSubstr("1 deleted keys have"));
}

TEST(Merge, CountsKeysThatWereCopiedFromAnotherBase) {
  MutableTree delta(u"ROOT");
  delta.root().add_subkey(u"a", delta_attributes(0x80)).add_subkey(u"b", delta_attributes(0x82));
  delta.root().add_subkey(u"c", delta_attributes(0));
  const MergedHive result =
      merge(hive_of(MutableTree(u"ROOT"), false), hive_of(delta, true), {}, "merged");
  EXPECT_EQ(result.result.copied_up_without_base, 2U);
  EXPECT_EQ(result.result.keys, 4U);
}

TEST(Merge, AppliesADeltaAsTheBaseToNothing) {
  MutableTree base(u"ROOT");
  MutableKey& key = base.root().add_subkey(u"k", delta_attributes(0x80, u"C"));
  hide(key, u"dead");
  set(key, u"v", u'b');
  base.root().add_subkey(u"gone", delta_attributes(1));
  std::string warnings;
  MergeOptions options;
  options.warning = [&warnings](const std::string& warning) { warnings += warning; };
  const MergedHive result =
      merge(hive_of(base, true), hive_of(MutableTree(u"ROOT"), true), options, "merged");
  const Hive hive = Hive::from_bytes(result.bytes, "merged");
  EXPECT_EQ(describe(hive, "k"), "k class=- sd=delta time=100: v=b");
  EXPECT_EQ(hive.key_count(), 2U);
  EXPECT_FALSE(hive.is_layered());
  EXPECT_THAT(warnings, testing::HasSubstr("itself a delta"));
}

TEST(Merge, RefusesADeltaThatIsNotMarkedAsLayered) {
  test::HiveFile file = test::sample_delta();
  file.set_u32(144, 0).fix_checksum();
  const Hive base = hive_of(MutableTree(u"ROOT"), false);
  test::expect_error(ErrorCode::kCorrupt, "not marked as layered", [&] {
    (void)merge(base, Hive::from_bytes(file.bytes(), "delta"), {}, "merged");
  });
}

TEST(Merge, RefusesADeltaWithADeletedRoot) {
  MutableTree delta(u"ROOT");
  delta.root().attributes().layer = 1;
  test::expect_error(ErrorCode::kCorrupt, "the root is a tombstone",
                     [&] { merged(MutableTree(u"ROOT"), delta); });
}

TEST(Merge, RefusesTornHives) {
  test::HiveFile file = test::sample_hive();
  file.set_u32(8, 7).fix_checksum();
  const Hive torn = Hive::from_bytes(file.bytes(), "torn", {.dirty = DirtyHive::kReadAsIs});
  test::expect_error(ErrorCode::kCorrupt, "a torn hive cannot be merged",
                     [&] { (void)merge(torn, hive_of(MutableTree(u"ROOT"), true), {}, "merged"); });
}

TEST(Merge, DropsLaterValuesOfANameThatTheDeltaHides) {
  test::HiveFile base = test::sample_hive();
  base.set_text(base.value("Twin") + 20, "TEXT");
  MutableTree delta(u"ROOT");
  hide(delta.root(), u"text");
  const MergedHive result =
      merge(Hive::from_bytes(base.bytes(), "base"), hive_of(delta, true), {}, "merged");
  EXPECT_FALSE(Hive::from_bytes(result.bytes, "merged").root().value("Text").has_value());
}

TEST(Merge, MergesFilesFromTheBaseUp) {
  const test::TemporaryDirectory directory;
  const auto write = [&](const char* name, const Hive& hive) {
    const auto path = directory.path() / name;
    HiveEditor(hive).save(path);
    return path;
  };
  const auto base = write("base", Hive::from_bytes(test::sample_hive().bytes(), "base"));
  MutableTree first(u"ROOT");
  first.root().add_subkey(u"Many", delta_attributes(1));
  set(first.root(), u"Text", u'1');
  MutableTree second(u"ROOT");
  set(second.root(), u"Text", u'2');
  const auto delta1 = write("delta1", hive_of(first, true));
  const auto delta2 = write("delta2", hive_of(second, true));
  const auto target = directory.path() / "out";
  const MergeResult result = merge(base, {delta1, delta2}, target);
  EXPECT_EQ(result.keys, 7U);
  EXPECT_EQ(Hive::open(target).root().value("Text")->text(), "2");
  test::expect_error(ErrorCode::kExists, "out", [&] { merge(base, {delta1}, target); });
  test::expect_error(ErrorCode::kInvalidArgument, "no delta", [&] { merge(base, {}, target); });
}

TEST(Merge, LeavesNothingAfterAnError) {
  const test::TemporaryDirectory directory;
  HiveEditor(Hive::from_bytes(test::sample_hive().bytes(), "base")).save(directory.path() / "base");
  File::create_new(directory.path() / "delta").write_at(0, test::value_bytes(10'000));
  test::expect_error(ErrorCode::kCorrupt, "delta", [&] {
    merge(directory.path() / "base", {directory.path() / "delta"}, directory.path() / "out");
  });
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 2);
}

}  // namespace
}  // namespace cim::registry
