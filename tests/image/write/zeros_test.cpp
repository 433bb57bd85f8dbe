// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "cimlib/check.h"
#include "cimlib/image.h"
#include "cimlib/image_writer.h"

#include "image/sample_image.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::path;
using test::pattern;
using test::put;

// Zeros in data, zeros that are not written, and the gap before the last section of an executable.
TEST(Zeros, TakeNoSpaceInLongRuns) {
  const test::TemporaryDirectory directory;
  const auto image = directory.path() / "a.cim";
  ImageWriter writer(image);
  constexpr std::uint32_t kGap = 4 << 20;
  test::SamplePe pe;
  pe.sections.back().virtual_address += kGap;
  pe.image_size += kGap;
  pe.file_size = 2 << 20;  // or it would grow too much
  const Bytes start = pattern(10000);
  const Bytes program = pe.bytes();
  Bytes with_zeros = start;
  with_zeros.resize(with_zeros.size() + (5 << 20));
  append(with_zeros, start);
  put(writer, "program", program);
  put(writer, "zeros", with_zeros);
  writer.add(path("hole"), {}, with_zeros.size());
  writer.write(start);
  writer.write_zeros(5 << 20);
  writer.write(start);
  writer.add(path("end"), {}, 10 << 20);
  writer.write(start);
  const CommitSummary summary = writer.commit();
  EXPECT_EQ(summary.deduplicated_bytes, with_zeros.size());
  EXPECT_GT(summary.stored_bytes, kGap + (15U << 20));
  std::uint64_t on_disk = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    on_disk += File::open_read(entry.path()).size_without_holes();
  }
  EXPECT_LT(on_disk, program.size() + 400'000);
  const Image opened(image);
  const auto bytes_of = [&](std::string_view name) {
    return opened.open(opened.find(path(name)).value()).read_all(std::uint64_t{1} << 30);
  };
  EXPECT_EQ(opened.info(opened.find(path("program")).value()).storage, Storage::kPeImage);
  EXPECT_TRUE(bytes_of("program") == program);
  EXPECT_TRUE(bytes_of("zeros") == with_zeros);
  EXPECT_TRUE(bytes_of("hole") == with_zeros);
  Bytes end = start;
  end.resize(10 << 20);
  EXPECT_TRUE(bytes_of("end") == end);
  EXPECT_TRUE(check(image, {.depth = CheckDepth::kDeep}).findings.empty());
}

}  // namespace
}  // namespace cim
