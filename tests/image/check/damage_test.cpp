// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A check finds each damage and reports it in the expected words, and reading a damaged image fails
// with an error at worst.

#include "image/damage.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/check.h"
#include "cimlib/diff.h"
#include "cimlib/error.h"
#include "cimlib/extract.h"
#include "cimlib/gc.h"
#include "cimlib/image_summary.h"

#include "expect_error.h"
#include "image/read_whole.h"
#include "temporary_directory.h"

namespace cim::test {
namespace {

const Specimen& sound_specimen() {
  static const Specimen specimen;
  return specimen;
}

class DamagedImage : public testing::TestWithParam<Damage> {
 protected:
  DamagedImage() {
    Specimen specimen = sound_specimen();
    GetParam().apply(specimen);
    specimen.write(directory_.path());
  }

  CheckReport check_at(CheckDepth depth) const { return check(image_, {.depth = depth}); }

  static const Finding* find(const CheckReport& report, std::string_view kind,
                             std::string_view words) {
    for (const Finding& finding : report.findings) {
      if (finding.kind->id == kind && to_string(finding).find(words) != std::string::npos) {
        return &finding;
      }
    }
    return nullptr;
  }

  static std::string text_of(const CheckReport& report) {
    std::string text;
    for (const Finding& finding : report.findings) {
      text += to_string(finding) + "\n";
    }
    return text;
  }

  TemporaryDirectory directory_;
  std::filesystem::path image_ = directory_.path() / GetParam().image;
};

TEST_P(DamagedImage, IsReportedWithTheExpectedMessage) {
  const Damage& damage = GetParam();
  if (damage.finding.empty()) {
    try {
      check_at(damage.depth);
      ADD_FAILURE() << "was looked at";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(std::string(damage.words)));
    }
    return;
  }
  const CheckReport report = check_at(damage.depth);
  const Finding* const found = find(report, damage.finding, damage.words);
  ASSERT_NE(found, nullptr) << "of kind " << damage.finding << ", saying \"" << damage.words
                            << "\" is not in\n"
                            << text_of(report);
  EXPECT_EQ(report.is_clean(), found->kind->severity == Severity::kNote) << text_of(report);
}

TEST_P(DamagedImage, WithoutAFaultCanBeReadToTheLastByte) {
  try {
    if (check_at(CheckDepth::kStructure).faults != 0) {
      return;
    }
  } catch (const Error&) {
    return;
  }
  read_strictly(image_);
}

TEST_P(DamagedImage, IsReadOrRefused) {
  const auto attempt = [](auto&& action) {
    try {
      action();
    } catch (const Error&) {  // any error is accepted
    }
  };
  read_everything(image_);
  attempt([&] { check_at(CheckDepth::kDeep); });
  attempt([&] { summarize(Image(image_)); });
  attempt([&] { image_files(image_); });
  attempt([&] { diff(image_, image_, {}, [](const Difference&) { return true; }); });
  attempt([&] { extract(Image(image_), {}, directory_.path() / "extracted", {}); });
  attempt([&] { dependents(image_); });
  attempt([&] { find_garbage(directory_.path()); });
}

// Kinds of findings that no damage of a specimen causes have tests of their own in check_test.cpp.
TEST(DamagedImages, ShowEveryKindOfFinding) {
  std::set<std::string_view> shown = {"directory-shared", "files-removed",
                                      "metadata-overlap", "object-ids-unreadable",
                                      "path-length",      "region-unreadable"};
  for (const auto damages :
       {header_damages(), metadata_damages(), name_damages(), object_damages()}) {
    for (const Damage& damage : damages) {
      shown.insert(damage.finding);
    }
  }
  for (const FindingKind& kind : finding_kinds()) {
    EXPECT_TRUE(shown.contains(kind.id)) << kind.id;
  }
}

std::string name_of(const testing::TestParamInfo<Damage>& info) {
  return std::string(info.param.name);
}

INSTANTIATE_TEST_SUITE_P(Header, DamagedImage, testing::ValuesIn(header_damages()), name_of);
INSTANTIATE_TEST_SUITE_P(Metadata, DamagedImage, testing::ValuesIn(metadata_damages()), name_of);
INSTANTIATE_TEST_SUITE_P(Names, DamagedImage, testing::ValuesIn(name_damages()), name_of);
INSTANTIATE_TEST_SUITE_P(Objects, DamagedImage, testing::ValuesIn(object_damages()), name_of);

}  // namespace
}  // namespace cim::test
