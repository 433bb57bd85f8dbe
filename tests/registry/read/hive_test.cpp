// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/hive.h"

#include <algorithm>
#include <initializer_list>

#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "base/utf16.h"
#include "expect_error.h"
#include "registry/damage_cases.h"
#include "registry/hive_file.h"

namespace cim::registry {
namespace {

Hive open(const test::HiveFile& file) {
  return Hive::from_bytes(file.bytes(), "hive");
}

TEST(Hive, ShowsKeysInOrder) {
  const Hive hive = open(test::sample_hive());
  std::vector<std::string> names;
  for (const Key key : hive.root().subkeys()) {
    names.push_back(key.name());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"Alpha", "Beta", "Gamma", "Many", "Wide0000",
                                             "\xCE\xA9mega"}));
  EXPECT_EQ(hive.key_count(), 608U);
  EXPECT_EQ(hive.value_count(), 8U);
}

TEST(Hive, ReadsListsOfLists) {
  const Hive hive = open(test::sample_hive());
  int i = 0;
  for (const Key key : hive.find("many")->subkeys()) {
    const std::string digits = std::to_string(i++);
    EXPECT_EQ(key.name(), "Sub" + std::string(4 - digits.size(), '0') + digits);
  }
  EXPECT_EQ(i, 600);
}

TEST(Hive, FindsEverySubkeyAndNoOther) {
  const Hive hive = open(test::sample_hive());
  const Key many = *hive.find("Many");
  for (const Key key : many.subkeys()) {
    const auto found = many.subkey(key.name());
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->name(), key.name());
  }
  for (const char* absent : {"", "Sub", "Sub0510x", "Sub9999", "A", "Z"}) {
    EXPECT_FALSE(many.subkey(absent).has_value()) << absent;
  }
}

TEST(Hive, FindsPathsIgnoringCase) {
  const Hive hive = open(test::sample_hive());
  EXPECT_EQ(hive.find("bETA\\KID")->name(), "Kid");
  EXPECT_EQ(hive.find("\\Beta\\")->name(), "Beta");
  EXPECT_EQ(hive.find("")->name(), "ROOT");
  EXPECT_EQ(hive.find("\xCF\x89MEGA")->name(), "\xCE\xA9mega");
  EXPECT_FALSE(hive.find("Beta\\Kid\\None").has_value());
}

TEST(Hive, ShowsValuesOfEveryKind) {
  const Hive hive = open(test::sample_hive());
  const Key root = hive.root();
  EXPECT_EQ(root.value("")->text(), "default");
  EXPECT_EQ(root.value("inline")->dword(), 0x150E0700U);
  EXPECT_EQ(root.value("Odd")->data(), test::value_bytes(3));
  EXPECT_EQ(root.value("Big")->data(), test::value_bytes(40'000));
  EXPECT_EQ(root.value("\xCE\x94"
                       "elta")
                ->size(),
            0U);
  EXPECT_EQ(root.value("Text")->type(), kRegSz);
  EXPECT_FALSE(root.value("None").has_value());
}

Bytes bytes_of(std::initializer_list<unsigned> numbers) {
  Bytes bytes;
  for (const unsigned number : numbers) {
    bytes.push_back(static_cast<std::byte>(number));
  }
  return bytes;
}

/// Returns a value of this type and data, in a hive of its own.
Value value_of(std::uint32_t type, Bytes data) {
  MutableTree model(u"ROOT");
  model.root().add_value({u"v", type, std::move(data)});
  return *Hive::from_bytes(model.to_bytes({}), "hive").root().value("v");
}

TEST(Hive, DecodesNumbers) {
  const Bytes four = bytes_of({1, 2, 3, 4});
  EXPECT_EQ(value_of(kRegDword, four).number(), 0x04030201U);
  EXPECT_EQ(value_of(kRegDwordBigEndian, four).number(), 0x01020304U);
  EXPECT_EQ(value_of(kRegQword, bytes_of({1, 2, 3, 4, 5, 6, 7, 0x88})).number(),
            0x8807060504030201U);
  EXPECT_EQ(value_of(kRegQword, four).number(), std::nullopt);
  EXPECT_EQ(value_of(kRegDword, bytes_of({1, 2, 3})).number(), std::nullopt);
  EXPECT_EQ(value_of(kRegBinary, four).number(), std::nullopt);
  EXPECT_EQ(value_of(kRegDword, test::value_bytes(20'000)).number(), std::nullopt);
}

TEST(Hive, DecodesListsOfStrings) {
  using Strings = std::vector<std::string>;
  const auto strings_of = [](std::u16string_view text) {
    return value_of(kRegMultiSz, test::text_data(text)).strings();
  };
  const auto with_nuls = [](std::u16string text) {
    std::ranges::replace(text, u'|', u'\0');
    return text;
  };
  EXPECT_EQ(strings_of(with_nuls(u"a|bc|")), (Strings{"a", "bc"}));
  EXPECT_EQ(strings_of(with_nuls(u"a|bc")), (Strings{"a", "bc"}));
  EXPECT_EQ(strings_of(with_nuls(u"a||c|")), (Strings{"a", "", "c"}));
  EXPECT_EQ(strings_of(u""), Strings());
  EXPECT_EQ(value_of(kRegMultiSz, {}).strings(), Strings());
  EXPECT_EQ(value_of(kRegMultiSz, test::value_bytes(3)).strings(), std::nullopt);
  EXPECT_EQ(value_of(kRegSz, test::text_data(u"a")).strings(), std::nullopt);
}

TEST(Hive, NamesTypes) {
  EXPECT_EQ(type_name(kRegSz), "REG_SZ");
  EXPECT_EQ(type_name(kRegQword), "REG_QWORD");
  EXPECT_EQ(type_name(12), "");
}

TEST(Hive, SpellsPathsAsItStoresThem) {
  const Hive hive = open(test::sample_hive());
  EXPECT_EQ(hive.spelled_path("\\bETA\\KID\\"), "Beta\\Kid");
  EXPECT_EQ(hive.spelled_path(""), "");
  EXPECT_EQ(hive.spelled_path("Beta\\None"), std::nullopt);
}

TEST(Hive, IsReadFromAStream) {
  const Bytes bytes = test::sample_hive().bytes();
  EXPECT_EQ(read_hive(ByteSource::memory(bytes)), bytes);
  EXPECT_EQ(read_hive(ByteSource::memory(Bytes(10))), Bytes(10));
}

TEST(Hive, IsNotReadFromAStreamThatIsAnotherFile) {
  const auto endless = [](std::span<std::byte> into, const std::stop_token&) {
    std::ranges::fill(into, std::byte{0});
    return into.size();
  };
  EXPECT_LT(read_hive(ByteSource::callback(endless)).size(), 10'000'000U);
}

TEST(Hive, ShowsOtherPropertiesOfKeys) {
  const Hive hive = open(test::sample_hive());
  const Key alpha = *hive.find("Alpha");
  EXPECT_EQ(alpha.class_name(), "AlphaClass");
  EXPECT_EQ(alpha.time().ticks, 132'000'000'000'000'000U);
  EXPECT_EQ(alpha.descriptor().size(), 144U);
  EXPECT_FALSE(hive.find("Beta")->class_name().has_value());
  EXPECT_EQ(alpha.layer(), LayerSemantics::kMerge);
}

TEST(Hive, ShowsLayersOfADelta) {
  const Hive hive = open(test::sample_delta());
  EXPECT_TRUE(hive.is_layered());
  EXPECT_EQ(hive.minor_version(), 6U);
  EXPECT_TRUE(hive.find("Changed")->inherits_class());
  EXPECT_TRUE(hive.find("Changed")->value("Gone")->is_tombstone());
  EXPECT_EQ(hive.find("Deleted")->layer(), LayerSemantics::kTombstone);
  EXPECT_EQ(hive.find("Tree\\Inside")->layer(), LayerSemantics::kSupersedeTree);
}

TEST(Hive, IgnoresLayerBitsUnlessMarkedAsLayered) {
  test::HiveFile file = test::sample_delta();
  file.set_u32(144, 0).fix_checksum();
  const Hive hive = open(file);
  EXPECT_EQ(hive.find("Deleted")->layer(), LayerSemantics::kMerge);
  EXPECT_FALSE(hive.find("Changed")->value("Gone")->is_tombstone());
}

Key key_of_a_hive_that_is_gone(std::string_view path) {
  return *open(test::sample_hive()).find(path);
}

TEST(Hive, IsKeptAliveByItsKeysAndValues) {
  const Key alpha = key_of_a_hive_that_is_gone("Alpha");
  EXPECT_EQ(alpha.name(), "Alpha");
  EXPECT_EQ(alpha.class_name(), "AlphaClass");
  EXPECT_EQ(alpha.descriptor().size(), 144U);
  EXPECT_EQ(key_of_a_hive_that_is_gone("Beta").subkey("Kid")->name(), "Kid");
  const auto big = key_of_a_hive_that_is_gone("").value("Big");
  EXPECT_EQ(big->name(), "Big");
  EXPECT_EQ(big->data(), test::value_bytes(40'000));
}

TEST(Hive, IsKeptAliveByRangesAndIterators) {
  std::size_t keys = 0;
  for (const Key key : open(test::sample_hive()).find("Many")->subkeys()) {
    EXPECT_EQ(key.name().size(), 7U);
    ++keys;
  }
  EXPECT_EQ(keys, 600U);
  std::size_t values = 0;
  for (const Value value : key_of_a_hive_that_is_gone("").values()) {
    EXPECT_EQ(value.data().size(), value.size());
    ++values;
  }
  EXPECT_GT(values, 1U);
  SubkeyIterator subkey = key_of_a_hive_that_is_gone("").subkeys().begin();
  EXPECT_EQ((*++subkey).name(), "Beta");
  ValueIterator value = key_of_a_hive_that_is_gone("").values().begin();
  const std::string first = (*value).name();
  EXPECT_NE((*++value).name(), first);
}

template <typename T>
concept HasBytes = requires(T hive) {
  std::forward<T>(hive).bytes();
};
template <typename T>
concept HasDescriptor = requires(T key) {
  std::forward<T>(key).descriptor();
};

// Spans into a temporary hive or key would dangle, so these do not compile.
static_assert(HasBytes<const Hive&> && !HasBytes<Hive> && !HasBytes<const Hive>);
static_assert(HasDescriptor<const Key&> && !HasDescriptor<Key> && !HasDescriptor<const Key>);

TEST(Hive, ReadsVersionsThreeToSix) {
  for (std::uint32_t minor = 3; minor <= 6; ++minor) {
    BuildOptions options;
    options.minor_version = minor;
    const Hive hive = open(test::HiveFile(test::sample_model(), options));
    EXPECT_EQ(hive.minor_version(), minor);
    EXPECT_EQ(hive.root().value("Big")->data(), test::value_bytes(40'000));
    EXPECT_TRUE(hive.find("Many\\Sub0599").has_value());
  }
}

TEST(Hive, RefusesOtherVersions) {
  for (const auto& [major, minor] : {std::pair{1U, 2U}, {1U, 7U}, {2U, 5U}, {0U, 5U}}) {
    test::HiveFile file = test::sample_hive();
    file.set_u32(20, major).set_u32(24, minor).fix_checksum();
    test::expect_error(ErrorCode::kUnsupported, "unsupported version", [&] { open(file); });
  }
}

TEST(Hive, RefusesTransactionLogs) {
  for (const std::uint32_t type : {1U, 2U, 6U}) {
    test::HiveFile file = test::sample_hive();
    file.set_u32(28, type).fix_checksum();
    test::expect_error(ErrorCode::kUnsupported, "transaction log", [&] { open(file); });
  }
}

TEST(Hive, NamesTheKeyThatIsDamaged) {
  test::HiveFile file = test::sample_hive();
  file.set_u32(file.key("Kid") + 44, 0xFFFFFFFF);
  test::expect_error(ErrorCode::kCorrupt, "key 'Beta\\Kid'", [&] { open(file); });
}

TEST(Hive, ReadsATornHiveOnlyOnRequest) {
  test::HiveFile file = test::sample_hive();
  file.set_u32(8, 7).fix_checksum();
  test::expect_error(ErrorCode::kCorrupt, "differ: 1 and 7; provide its .LOG1",
                     [&] { open(file); });
  const Hive hive = Hive::from_bytes(file.bytes(), "hive", {.dirty = DirtyHive::kReadAsIs});
  EXPECT_TRUE(hive.is_dirty());
  EXPECT_EQ(hive.key_count(), 608U);
}

TEST(Hive, IgnoresBytesAfterTheBins) {
  test::HiveFile file = test::sample_hive();
  append(file.bytes(), test::value_bytes(300'000));
  EXPECT_EQ(open(file).key_count(), 608U);
}

TEST(Hive, ReadsTheBigDataSignatureInOrdinaryDataAsData) {
  Bytes data = test::value_bytes(16);
  data[0] = std::byte{'d'};
  data[1] = std::byte{'b'};
  MutableTree model(u"ROOT");
  model.root().set_value({u"v", kRegBinary, data});
  EXPECT_EQ(open(test::HiveFile(model)).root().value("v")->data(), data);
}

TEST(Hive, KeepsLongDataOfOldHivesInOneCell) {
  Bytes data = test::value_bytes(20'000);
  data[0] = std::byte{'d'};
  data[1] = std::byte{'b'};
  MutableTree model(u"ROOT");
  model.root().set_value({u"v", kRegBinary, data});
  BuildOptions options;
  options.minor_version = 3;
  EXPECT_EQ(open(test::HiveFile(model, options)).root().value("v")->data(), data);
}

TEST(Hive, AcceptsEmptyDataWithoutAPointer) {
  test::HiveFile file = test::sample_hive();
  const std::size_t value = file.value("Inline");
  file.set_u32(value + 4, 0).set_u32(value + 8, 0xFFFFFFFF);
  EXPECT_EQ(open(file).root().value("Inline")->size(), 0U);
}

/// Returns a hive with a chain of keys, `levels` including the root.
test::HiveFile deep_hive(int levels) {
  MutableTree model(u"ROOT");
  MutableKey* key = &model.root();
  for (int i = 1; i < levels; ++i) {
    key = &key->add_subkey(u"k", test::plain_attributes());
  }
  return test::HiveFile(model);
}

TEST(Hive, Writes512LevelsAndNoMore) {
  EXPECT_EQ(open(deep_hive(512)).key_count(), 512U);
  test::expect_error(ErrorCode::kLimit, "512 levels", [] { deep_hive(513); });
}

TEST(Hive, ReadsNoMoreThan512Levels) {
  // A chain of 512; the root's list, with a spare key next to the first, is attached to the last.
  MutableTree model(u"ROOT");
  MutableKey* key = &model.root().add_subkey(u"chain", test::plain_attributes());
  for (int i = 2; i < 512; ++i) {
    key = &key->add_subkey(u"k", test::plain_attributes());
  }
  model.root()
      .add_subkey(u"spare", test::plain_attributes())
      .add_subkey(u"k", test::plain_attributes());
  test::HiveFile file(model);
  const std::size_t last = file.record(kKeySignature, 511);
  const std::size_t spare = file.key("spare");
  file.set_u32(last + 20, 1).set_u32(last + 28, file.u32(spare + 28));
  file.set_u32(spare + 20, 0);
  test::expect_error(ErrorCode::kCorrupt, "more than 512 levels", [&] { open(file); });
}

/// If many values could share one large cell, the cost would be their number times its size.
TEST(Hive, RefusesDataSharedByValues) {
  MutableTree model(u"ROOT");
  model.root().set_value({u"first", kRegBinary, test::value_bytes(16'000)});
  for (int i = 0; i < 100; ++i) {
    model.root().set_value({u"v" + std::u16string(1, static_cast<char16_t>(u'\u3041' + i)),
                            kRegBinary, test::value_bytes(8)});
  }
  test::HiveFile file(model);
  const std::uint32_t shared = file.u32(file.value("first") + 8);
  for (int n = 1; n <= 100; ++n) {
    const std::size_t value = file.record(kValueSignature, n);
    file.set_u32(value + 4, 16'000).set_u32(value + 8, shared);
  }
  test::expect_error(ErrorCode::kCorrupt, "already in use", [&] { open(file); });
}

}  // namespace
}  // namespace cim::registry
