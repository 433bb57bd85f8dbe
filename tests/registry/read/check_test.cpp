// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <vector>

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

std::string text_of(const CheckReport& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    text += std::string(to_string(finding.severity)) + " at " +
            std::to_string(finding.offset.value_or(0)) + " [" + finding.path + "] " + finding.text +
            "\n";
  }
  return text;
}

CheckReport strict_check(const test::HiveFile& file) {
  return check(file.bytes(), {.min_severity = Severity::kNote});
}

TEST(Check, FindsNothingInHivesOfThisLibrary) {
  const CheckReport report = strict_check(test::sample_hive());
  EXPECT_EQ(text_of(report), "");
  EXPECT_EQ(report.keys, 608U);
  EXPECT_EQ(report.values, 8U);
  EXPECT_EQ(report.unreachable_bytes, 0U);
}

TEST(Check, FindsNothingInADelta) {
  EXPECT_EQ(text_of(strict_check(test::sample_delta())), "");
}

TEST(Check, FindsNothingInOldHives) {
  BuildOptions options;
  options.minor_version = 3;
  EXPECT_EQ(text_of(strict_check(test::HiveFile(test::sample_model(), options))), "");
}

/// Returns a hive whose keys k100 to k249 name a parent other than their own.
test::HiveFile hive_with_wrong_parents() {
  MutableTree model(u"ROOT");
  for (int i = 100; i < 250; ++i) {
    model.root().add_subkey(to_utf16("k" + std::to_string(i)).value(), test::plain_attributes());
  }
  test::HiveFile file(model);
  for (int i = 100; i < 250; ++i) {
    file.set_u32(file.key("k" + std::to_string(i)) + 16, 0x1000);
  }
  return file;
}

TEST(Check, ReadingWarnsOfTheFirstHundredFindingsAndCountsTheOthers) {
  std::vector<std::string> warnings;
  const OpenOptions options = {
      .warning = [&](const std::string& warning) { warnings.push_back(warning); }};
  static_cast<void>(Hive::from_bytes(hive_with_wrong_parents().bytes(), "hive", options));
  ASSERT_EQ(warnings.size(), 101U);
  EXPECT_THAT(warnings.front(), testing::HasSubstr("names 0x1000 as its parent"));
  EXPECT_EQ(warnings.back(), "hive: 50 more like these");
}

TEST(Check, NamesDeepKeysByTheEndOfTheirPaths) {
  MutableTree model(u"ROOT");
  MutableKey* key = &model.root();
  for (int i = 0; i < 100; ++i) {
    key = &key->add_subkey(std::u16string(200, u'd'), test::plain_attributes());
  }
  key->set_value({u"last", kRegDword, Bytes(4)});
  test::HiveFile file(model);
  file.set_u32(file.value("last") + 4, 0x80000009);
  const CheckReport report = strict_check(file);
  EXPECT_FALSE(report.findings.empty());
  for (const Finding& finding : report.findings) {
    EXPECT_TRUE(finding.path.starts_with("...\\ddd")) << finding.path;
    EXPECT_LE(finding.path.size(), 1010U);
  }
}

TEST(Check, ContinuesAfterDamage) {
  test::HiveFile file = test::sample_hive();
  file.set_text(file.key("Gamma"), "nx");
  file.set_u32(file.value("Text") + 8, 0x70000000);
  file.set_u32(file.record(kSecuritySignature, 1) + 12, 7);
  const CheckReport report = strict_check(file);
  const std::string text = text_of(report);
  EXPECT_THAT(text, testing::HasSubstr("'nk'"));
  EXPECT_THAT(text, testing::HasSubstr("past the end"));
  EXPECT_THAT(text, testing::HasSubstr("states 7 references"));
  EXPECT_GT(report.keys, 600U);
}

TEST(Check, ReadsFiles) {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "hive";
  File::create_new(path).write_at(0, test::sample_hive().bytes());
  EXPECT_TRUE(check(path).findings.empty());
  test::expect_error(ErrorCode::kNotFound, "absent", [&] { check(directory.path() / "absent"); });
}

class Damage : public testing::TestWithParam<test::DamageCase> {};

TEST_P(Damage, IsFoundByTheCheck) {
  test::HiveFile file = test::sample_hive();
  GetParam().damage(file);
  const CheckReport report = strict_check(file);
  EXPECT_TRUE(std::any_of(report.findings.begin(), report.findings.end(), [](const Finding& found) {
    return found.severity == GetParam().severity &&
           found.text.find(GetParam().words) != std::string::npos;
  })) << text_of(report);
}

bool is_dirty_case(const std::string& name) {
  return name == "Checksum" || name == "Sequences";
}

TEST_P(Damage, IsRefusedOrReportedByTheReader) {
  test::HiveFile file = test::sample_hive();
  GetParam().damage(file);
  std::string warnings;
  OpenOptions options;
  options.warning = [&warnings](const std::string& warning) { warnings += warning + "\n"; };
  const bool refused = GetParam().severity == Severity::kFault || is_dirty_case(GetParam().name);
  if (refused) {
    try {
      (void)Hive::from_bytes(file.bytes(), "hive", options);
      FAIL() << "read without an error";
    } catch (const Error& error) {
      EXPECT_EQ(to_string(error.code()), "corrupt") << error.what();
      EXPECT_THAT(error.what(), testing::HasSubstr(GetParam().words));
      EXPECT_TRUE(error.offset().has_value() || is_dirty_case(GetParam().name));
    }
    return;
  }
  const Hive hive = Hive::from_bytes(file.bytes(), "hive", options);
  EXPECT_EQ(hive.key_count(), 608U);
  const bool loud = GetParam().severity == Severity::kWarning;
  // Readers do not use rings; they reach descriptors through the keys.
  const bool ring = GetParam().name.rfind("Ring", 0) == 0 || GetParam().name == "ReferenceCount";
  EXPECT_EQ(warnings.find(GetParam().words) != std::string::npos, loud && !ring) << warnings;
}

INSTANTIATE_TEST_SUITE_P(Cases, Damage, testing::ValuesIn(test::damage_cases()),
                         [](const auto& shown) { return shown.param.name; });

class DeltaDamage : public testing::TestWithParam<test::DamageCase> {};

TEST_P(DeltaDamage, IsFoundByTheCheck) {
  test::HiveFile file = test::sample_delta();
  GetParam().damage(file);
  const CheckReport report = strict_check(file);
  EXPECT_THAT(text_of(report), testing::HasSubstr(GetParam().words));
}

INSTANTIATE_TEST_SUITE_P(Cases, DeltaDamage, testing::ValuesIn(test::delta_damage_cases()),
                         [](const auto& shown) { return shown.param.name; });

}  // namespace
}  // namespace cim::registry
