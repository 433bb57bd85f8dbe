// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/pe_layout.h"

#include <gtest/gtest.h>

#include "image/sample_pe.h"

namespace cim {
namespace {

using test::SamplePe;

PeAnalysis analyze(const SamplePe& pe) {
  const Bytes bytes = pe.bytes();
  return analyze_pe(ByteView(bytes).first(std::min(bytes.size(), kPeHeadSize)), bytes.size());
}

void expect_plain(std::string_view reason, const SamplePe& pe) {
  const PeAnalysis analysis = analyze(pe);
  const auto* const plain = std::get_if<PlainPe>(&analysis);
  ASSERT_NE(plain, nullptr) << reason;
  EXPECT_EQ(plain->reason, reason);
}

TEST(PeLayout, MapsEachSectionToItsAddress) {
  const auto layout = std::get<PeLayout>(analyze({}));
  EXPECT_EQ(layout.mappings, (std::vector<format::PeMapping>{{0x400, 0xC00}, {0x1600, 0x1A00}}));
  EXPECT_EQ(layout.image_length, 0x4000U);
  EXPECT_EQ(layout.object_length, 0x4000U);
}

TEST(PeLayout, PutsDataAfterTheLastSectionAfterTheImage) {
  const auto layout = std::get<PeLayout>(analyze({.file_size = 0x1900}));
  EXPECT_EQ(layout.mappings.back(), (format::PeMapping{0x1800, 0x4000 - 0x1800}));
  EXPECT_EQ(layout.object_length, 0x4100U);
}

TEST(PeLayout, AcceptsSectionsWithoutDataAndFittingGaps) {
  SamplePe pe;
  pe.sections = {
      {0x1000, 0x1000, 0x200, 0x600}, {0x800, 0x2000, 0, 0}, {0x500, 0x3000, 0x200, 0x900}};
  const auto layout = std::get<PeLayout>(analyze(pe));
  EXPECT_EQ(layout.mappings.size(), 3U);  // two sections and the rest of the file
}

TEST(PeLayout, DetectsOtherFiles) {
  EXPECT_TRUE(std::holds_alternative<NotPe>(analyze_pe({}, 0)));
  EXPECT_TRUE(std::holds_alternative<NotPe>(analyze_pe(as_bytes(std::string(64, 'M')), 64)));
}

TEST(PeLayout, ReportsWhyAnExecutableIsNotExpanded) {
  expect_plain("section alignment is not 4096", {.section_alignment = 8192});
  expect_plain("no optional header", {.optional_magic = 0x107});
  expect_plain("no sections, or too many", {.sections = {}});
  expect_plain("sections are outside the image", {.image_size = 0x3000});
  expect_plain("no section has data", {.sections = {{0x1000, 0x1000, 0, 0}}});
  expect_plain("smaller than a page",
               {.sections = {{0x200, 0x1000, 0x200, 0x400}}, .file_size = 0x600});
  expect_plain("a section is not page-aligned in memory",
               {.sections = {{0x200, 0x1200, 0x200, 0x400}}});
  expect_plain("sections overlap or are out of order in memory",
               {.sections = {{0x1001, 0x1000, 0x200, 0x400}, {0x200, 0x2000, 0x200, 0x600}}});
  expect_plain("sections overlap or are out of order in memory",
               {.headers_size = 0x1400, .sections = {{0x200, 0x1000, 0x200, 0x400}}});
  expect_plain("a section has more data than space in memory",
               {.sections = {{0x1000, 0x1000, 0x1200, 0x400}}});
  expect_plain("a section's data is outside the file",
               {.sections = {{0x2000, 0x1000, 0x1401, 0x400}}});
  expect_plain("sections overlap or are out of order in the file",
               {.sections = {{0x200, 0x1000, 0x200, 0x400}, {0x200, 0x2000, 0x200, 0x500}}});
  expect_plain("a section is at a lower address in memory than its file offset",
               {.sections = {{0x200, 0x1000, 0x200, 0x1200}}});
  expect_plain("there is no space in memory for the bytes between sections",
               {.sections = {{0x200, 0x1000, 0x200, 0x400}, {0x200, 0x2000, 0x200, 0x1500}}});
  expect_plain("it would grow too much",
               {.image_size = 0x10000, .sections = {{0xF000, 0x1000, 0x200, 0x400}}});
}

TEST(PeLayout, DetectsDosPrograms) {
  Bytes dos = SamplePe{}.bytes();
  dos[0x80] = std::byte{'N'};
  EXPECT_EQ(std::get<PlainPe>(analyze_pe(dos, dos.size())).reason, "a DOS program");
  EXPECT_EQ(std::get<PlainPe>(analyze_pe(ByteView(dos).first(64), 64)).reason, "a DOS program");
}

}  // namespace
}  // namespace cim
