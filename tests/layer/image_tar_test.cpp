// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/image_tar.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "cimlib/attributes.h"
#include "cimlib/diff.h"
#include "cimlib/error.h"
#include "cimlib/reparse.h"
#include "cimlib/version.h"

#include "expect_error.h"
#include "image/read/region_files.h"
#include "image/sample_image.h"
#include "os/file.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::EntryBytes;
using test::path;
using test::pattern;
using test::put;

class ImageTar : public testing::Test {
 protected:
  std::vector<std::string> differences(const std::filesystem::path& other) const {
    std::vector<std::string> paths;
    diff(image_, other, {}, [&paths](const Difference& difference) {
      paths.push_back(difference.path.to_string());
      return true;
    });
    return paths;
  }

  std::string exported(const ImageExportOptions& options = {}) const {
    std::string bytes;
    const auto append = [&bytes](ByteView piece) { bytes += as_text(piece); };
    export_image(Image(image_), append, options);
    return bytes;
  }

  std::filesystem::path created(const std::string& tar) const {
    const auto file = directory_.path() / "made.tar";
    std::ofstream(file, std::ios::binary | std::ios::trunc) << tar;
    const auto image = directory_.path() / "created.cim";
    create_image_from_tar(image, file, {.writer = {.reproducible = true}});
    return image;
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path image_ = directory_.path() / "image.cim";
};

TEST_F(ImageTar, GivesAnEqualImage) {
  test::write_sample_image(image_);
  EXPECT_TRUE(differences(created(exported())).empty());
}

TEST_F(ImageTar, IsCompressedLikeALayer) {
  test::write_sample_image(image_);
  for (const auto compression : {layer::Compression::kGzip, layer::Compression::kZstd}) {
    if (compression == layer::Compression::kZstd && !has_feature("zstd")) {
      continue;
    }
    const auto tar = directory_.path() / "packed.tar";
    const auto result =
        export_image(Image(image_), tar, {.compression = compression, .replaces_existing = true});
    EXPECT_EQ(result.file_size, std::filesystem::file_size(tar));
    EXPECT_LT(result.file_size, result.tar_size);
    const auto copy = directory_.path() / (compression == layer::Compression::kGzip ? "1" : "2");
    create_image_from_tar(copy, tar);
    EXPECT_TRUE(differences(copy).empty());
  }
}

TEST_F(ImageTar, KeepsTheRootWithItsStreamsAndNamesOfAnyKind) {
  {
    ImageWriter writer(image_, test::sample_options());
    writer.add({}, {.attributes = attribute::kDirectory | attribute::kHidden,
                    .times = {{10}, {20}, {30}, {40}}});
    writer.add_alternate_stream({{}, u"of the root"}, 3);
    writer.write(as_bytes("abc"));
    put(writer, "any name", as_bytes("x"));
    put(writer, "Files", as_bytes("a file of this name"));
    writer.commit();
  }
  EXPECT_TRUE(differences(created(exported())).empty());
}

TEST_F(ImageTar, EqualImagesGiveEqualBytes) {
  test::write_sample_image(image_);
  const std::string first = exported();
  EXPECT_EQ(exported(), first);
}

TEST_F(ImageTar, RefusesNamesThatReadersTakeForDeletions) {
  {
    ImageWriter writer(image_, test::sample_options());
    put(writer, ".wh.a", as_bytes("x"));
    put(writer, "b", as_bytes("y"));
    writer.commit();
  }
  test::expect_error(ErrorCode::kUnsupported, "whiteout", [&] { exported(); });
  std::vector<std::string> failed;
  created(
      exported({.failure = [&](const std::string& at, const Error&) { failed.push_back(at); }}));
  EXPECT_EQ(failed, std::vector<std::string>{"\\.wh.a"});
  EXPECT_EQ(differences(directory_.path() / "created.cim"), std::vector<std::string>{"\\.wh.a"});
}

TEST_F(ImageTar, SkipsWhatCannotBeReadIfItIsToKeepGoing) {
  {
    ImageWriter writer(image_, test::sample_options());
    put(writer, "large", pattern(9000));
    writer.add_link(path("link"), path("large"));
    put(writer, "small", as_bytes("x"));
    writer.add_alternate_stream(StreamPath::parse("small:large"), 9000);
    writer.write(pattern(9000, 1));
    writer.commit();
  }
  std::filesystem::remove(directory_.path() / region_file_name(test::kSampleGuid, 1));
  EXPECT_THROW(exported(), Error);
  std::vector<std::string> failed;
  created(
      exported({.failure = [&](const std::string& at, const Error&) { failed.push_back(at); }}));
  EXPECT_EQ(failed, (std::vector<std::string>{"\\large", "\\link", "\\small:large"}));
  const Image copy(directory_.path() / "created.cim");
  EXPECT_EQ(copy.open(path("small")).read_all(10), Bytes{std::byte{'x'}});
  EXPECT_FALSE(copy.find(path("large")));
}

TEST_F(ImageTar, FailuresLeaveNothing) {
  test::write_sample_image(image_);
  std::filesystem::remove(directory_.path() / region_file_name(test::kSampleGuid, 1));
  const auto tar = directory_.path() / "out.tar";
  EXPECT_THROW(export_image(Image(image_), tar), Error);
  EXPECT_FALSE(std::filesystem::exists(tar));
  const auto empty = directory_.path() / "new";
  std::filesystem::create_directory(empty);
  std::ofstream(tar) << "not a tar";
  EXPECT_THROW(create_image_from_tar(empty / "new.cim", tar), Error);
  EXPECT_TRUE(std::filesystem::is_empty(empty));
}

TEST_F(ImageTar, RefusesWhatIsNoTarOfAnImage) {
  const std::string end = test::end_marker();
  const auto refuse = [&](ErrorCode code, std::string_view words, const EntryBytes& entry) {
    test::expect_error(code, words, [&] { created(entry.bytes() + end); });
  };
  refuse(ErrorCode::kUnsupported, "a whiteout", {.name = "dir/.wh.file"});
  refuse(ErrorCode::kCorrupt, "..", {.name = "../file"});
  refuse(ErrorCode::kCorrupt, "absolute", {.name = "/file"});
  refuse(ErrorCode::kCorrupt, "no/directory", {.name = "no/directory/file"});
  refuse(ErrorCode::kCorrupt, "stream", {.name = "file:stream"});
  test::expect_error(ErrorCode::kCorrupt, "the same name", [&] {
    created(EntryBytes{.name = "a"}.bytes() + EntryBytes{.name = "A"}.bytes() + end);
  });
  test::expect_error(ErrorCode::kCorrupt, "the same name", [&] {
    created(EntryBytes{.name = "./", .type = '5'}.bytes() +
            EntryBytes{.name = ".", .type = '5'}.bytes() + end);
  });
}

TEST_F(ImageTar, IsLimitedInSizeAndEntries) {
  const auto tar = directory_.path() / "tar";
  std::ofstream(tar) << EntryBytes{.name = "a", .body = "abc"}.bytes()
                     << EntryBytes{.name = "b"}.bytes() << test::end_marker();
  const auto create = [&](std::uint64_t size, std::uint64_t entries) {
    create_image_from_tar(image_, tar, {.limits = {.size = size, .entries = entries}});
  };
  test::expect_error(ErrorCode::kLimit, "entries", [&] { create(1U << 20, 1); });
  test::expect_error(ErrorCode::kLimit, "2 bytes allowed", [&] { create(2, 9); });
  create(1U << 20, 2);
}

}  // namespace
}  // namespace cim
