// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/upcase.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "base/utf16.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim {
namespace {

TEST(Upcase, ConvertsLettersAndKeepsOtherUnits) {
  EXPECT_EQ(upcase(u'a'), u'A');
  EXPECT_EQ(upcase(u'\u00ff'), u'\u0178');
  EXPECT_EQ(upcase(u'\u00df'), u'\u00df');
  EXPECT_EQ(upcase(u"Straße.ćñя"), u"STRAßE.ĆÑЯ");
  EXPECT_EQ(upcase(u""), u"");
}

// To NTFS a surrogate pair is two units, neither of which has case.
TEST(Upcase, KeepsSurrogates) {
  for (char32_t unit = 0xD800; unit < 0xE000; ++unit) {
    EXPECT_EQ(upcase(static_cast<char16_t>(unit)), static_cast<char16_t>(unit));
  }
}

TEST(Upcase, IsIdempotent) {
  for (const char16_t unit : upcase_table()) {
    EXPECT_EQ(upcase(unit), unit);
  }
}

TEST(CompareIgnoringCase, OrdersByUpperCaseThenLength) {
  EXPECT_EQ(compare_ignoring_case(u"WinDows", u"wINdOWS"), std::strong_ordering::equal);
  EXPECT_EQ(compare_ignoring_case(u"a", u"B"), std::strong_ordering::less);
  EXPECT_EQ(compare_ignoring_case(u"a_", u"aB"), std::strong_ordering::greater);  // '_' > 'B'
  EXPECT_EQ(compare_ignoring_case(u"ab", u"ABC"), std::strong_ordering::less);
  EXPECT_EQ(compare_ignoring_case(u"", u""), std::strong_ordering::equal);
}

// mkntfs of ntfs-3g writes the table of a new volume; ntfscat extracts it.
TEST(Upcase, EqualsTheTableThatMkntfsWrites) {
  if (std::system("command -v mkntfs >/dev/null && command -v ntfscat >/dev/null") != 0) {
    GTEST_SKIP() << "mkntfs (ntfs-3g) is not installed";
  }
  const test::TemporaryDirectory directory;
  const std::string at = "cd '" + directory.path().string() + "' && ";
  ASSERT_EQ(std::system((at + "truncate -s 8M volume && mkntfs -F -Q volume >log 2>&1 && "
                              "ntfscat volume '$UpCase' >table")
                            .c_str()),
            0);
  const Bytes bytes = read_whole_file(directory.path() / "table", 131072);
  const std::u16string judge = utf16_from_le(bytes);
  ASSERT_EQ(judge.size(), upcase_table().size());
  for (std::size_t unit = 0; unit < judge.size(); ++unit) {
    EXPECT_EQ(upcase_table()[unit], judge[unit]) << "unit " << unit;
  }
}

}  // namespace
}  // namespace cim
