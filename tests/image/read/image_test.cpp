// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/image.h"

#include <gtest/gtest.h>

#include "cimlib/image_writer.h"

#include "expect_error.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::expect_error;
using test::path;

class ImageRead : public testing::Test {
 protected:
  ImageRead() { test::write_sample_image(file_); }

  test::TemporaryDirectory directory_;
  std::filesystem::path file_ = directory_.path() / "sample.cim";
};

TEST_F(ImageRead, OpensAFileByItsPathIgnoringCase) {
  const Image image(file_);
  EXPECT_EQ(as_text(image.open(path("files/SMALL.txt")).read_all(5)), "small");
}

TEST_F(ImageRead, NamesThePathAndTheImageWhenAFileDoesNotExist) {
  const Image image(file_);
  const auto open_missing = [&] { static_cast<void>(image.open(path("Files/missing"))); };
  expect_error(ErrorCode::kNotFound, "\\Files\\missing", open_missing);
  expect_error(ErrorCode::kNotFound, file_.string(), open_missing);
  expect_error(ErrorCode::kNotFound, "\\Files\\small.txt\\below",
               [&] { static_cast<void>(image.open(path("Files/small.txt/below"))); });
}

TEST_F(ImageRead, DoesNotOpenADirectory) {
  const Image image(file_);
  const auto open_directory = [&] { static_cast<void>(image.open(path("Files"))); };
  expect_error(ErrorCode::kInvalidArgument, "\\Files is a directory", open_directory);
  expect_error(ErrorCode::kInvalidArgument, file_.string(), open_directory);
  expect_error(ErrorCode::kInvalidArgument, "is a directory",
               [&] { static_cast<void>(image.open(ImagePath())); });
}

TEST_F(ImageRead, ReadsAWholeStreamUpToALimit) {
  const auto all = directory_.path() / "sizes.cim";
  const Bytes large = test::pattern(100'000);
  {
    ImageWriter writer(all);
    test::put(writer, "empty", {});
    test::put(writer, "large", large);
    writer.commit();
  }
  const Image image(all);
  EXPECT_EQ(image.open(path("empty")).read_all(0), Bytes());
  EXPECT_EQ(image.open(path("large")).read_all(100'000), large);
  const auto read_too_much = [&] { (void)image.open(path("large")).read_all(99'999); };
  expect_error(ErrorCode::kLimit, "100000 bytes", read_too_much);
  expect_error(ErrorCode::kLimit, all.string(), read_too_much);
}

TEST_F(ImageRead, StreamsOutliveTheirImage) {
  const Stream stream = Image(file_).open(path("Files/small.txt"));
  EXPECT_EQ(as_text(stream.read_all(5)), "small");
}

}  // namespace
}  // namespace cim
