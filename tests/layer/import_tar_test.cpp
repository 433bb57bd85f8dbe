// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <random>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cimlib/image.h"
#include "cimlib/layer.h"
#include "cimlib/version.h"

#include "base/bytes.h"
#include "expect_error.h"
#include "os/crypto.h"
#include "tar/compression.h"
#include "tar/memory_streams.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::layer {
namespace {

using test::expect_error;
using test::HeaderBytes;
using test::padded;
using test::Records;

std::string directory_entry(std::string_view name) {
  return HeaderBytes(name, '5').bytes();
}

std::string file_entry(std::string_view name, std::string_view data) {
  return HeaderBytes(name, '0', data.size()).bytes() + padded(data);
}

std::string link_entry(std::string_view name, std::string_view target) {
  return HeaderBytes(name, '1').put(157, target).bytes();
}

/// Returns the bytes, and the bytes as each compression of this build stores them.
std::vector<std::string> plain_and_packed(const std::string& plain) {
  std::vector<std::string> forms = {plain, test::packed(plain, tar::make_gzip_sink)};
  if (has_feature("zstd")) {
    forms.push_back(test::packed(plain, tar::make_zstd_sink));
  }
  return forms;
}

class ImportTar : public testing::Test {
 protected:
  ImportResult import(const std::string& entries, const ImportOptions& options = {}) {
    std::ofstream(tar_, std::ios::binary) << entries << std::string(1024, '\0');
    return import_tar(tar_, layer_, {}, options);
  }

  void refuse(ErrorCode code, std::string_view words, const std::string& entries) {
    expect_error(code, words, [&] { import(entries); });
    EXPECT_FALSE(std::filesystem::exists(layer_));
    EXPECT_FALSE(std::filesystem::exists(cim_dir(layer_)));
  }

  std::string text_of(std::string_view path) const {
    const Image image(cim_path(layer_));
    const FileId id = image.find(ImagePath::parse(path)).value();
    return std::string(as_text(image.open(id).read_all(1 << 24)));
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path tar_ = directory_.path() / "layer.tar";
  std::filesystem::path layer_ = directory_.path() / "store" / "7";
  const std::string files_ = directory_entry("Files");
};

/// A tar of one file, from anything but a path.
class ImportTarFrom : public ImportTar {
 protected:
  // The input ends only after the import has failed.
  void expect_told(const std::string& bad, const ImportOptions& options) {
    std::size_t done = 0;
    const auto wait = [&](std::span<std::byte> into, const std::stop_token& token) {
      if (done == bad.size()) {
        std::atomic<bool> is_stopped = false;
        const std::stop_callback stopped(token, [&] {
          is_stopped = true;
          is_stopped.notify_all();
        });
        is_stopped.wait(false);
        return std::size_t{0};
      }
      const std::size_t size = std::min(into.size(), bad.size() - done);
      std::ranges::copy(std::as_bytes(std::span(bad)).subspan(done, size), into.begin());
      done += size;
      return size;
    };
    expect_error(ErrorCode::kCorrupt, "Elsewhere",
                 [&] { import_tar(ByteSource::callback(wait), layer_, {}, options); });
  }
  void expect_imported(const ByteSource& source) {
    EXPECT_EQ(import_tar(source, layer_).entries, 2U);
    EXPECT_EQ(text_of("Files/a"), std::string(100'000, 'a'));
  }

  const std::string tar_bytes_ = directory_entry("Files") +
                                 file_entry("Files/a", std::string(100'000, 'a')) +
                                 std::string(1024, '\0');
};

TEST_F(ImportTarFrom, Memory) {
  expect_imported(ByteSource::memory(std::as_bytes(std::span(tar_bytes_))));
}

TEST_F(ImportTarFrom, AVectorThatItOwns) {
  const auto bytes = std::as_bytes(std::span(tar_bytes_));
  expect_imported(ByteSource::memory(std::vector<std::byte>(bytes.begin(), bytes.end())));
}

TEST_F(ImportTarFrom, ACallbackOnOneThreadAtATime) {
  std::size_t done = 0;
  expect_imported(ByteSource::callback([&](std::span<std::byte> into, const std::stop_token&) {
    const std::size_t size = std::min<std::size_t>({into.size(), 5000, tar_bytes_.size() - done});
    std::ranges::copy(std::as_bytes(std::span(tar_bytes_)).subspan(done, size), into.begin());
    done += size;
    return size;
  }));
}

TEST_F(ImportTarFrom, ACallbackWhoseExceptionReachesTheCaller) {
  const auto fail = [](std::span<std::byte>, const std::stop_token&) -> std::size_t {
    throw std::runtime_error("no network");
  };
  EXPECT_THROW(import_tar(ByteSource::callback(fail), layer_), std::runtime_error);
  EXPECT_FALSE(std::filesystem::exists(layer_));
}

TEST_F(ImportTarFrom, ACallbackThatWaitsUntilTheCallerRequestsAStop) {
  std::stop_source stop;
  const auto wait = [&](std::span<std::byte>, const std::stop_token& token) -> std::size_t {
    EXPECT_FALSE(token.stop_requested());
    stop.request_stop();
    EXPECT_TRUE(token.stop_requested());
    return 0;
  };
  expect_error(ErrorCode::kCancelled, "cancelled", [&] {
    import_tar(ByteSource::callback(wait), layer_, {}, {.stop = stop.get_token()});
  });
}

TEST_F(ImportTarFrom, ACallbackThatIsToldWhenTheImportFailed) {
  // Longer than the buffers that are filled before the import gets their bytes, compressed too.
  std::string body(6'000'000, '\0');
  std::ranges::generate(
      body, [engine = std::minstd_rand(1)]() mutable { return static_cast<char>(engine() >> 8U); });
  const std::string plain = file_entry("Elsewhere/a", body);
  for (const std::string& bad : plain_and_packed(plain)) {
    expect_told(bad, {});
    expect_told(bad, {.diff_id = "sha256:", .blob_digest = "sha256:"});
  }
}
TEST_F(ImportTar, CreatesAnImageBesideTheLayer) {
  const ImportResult result = import(files_ + file_entry("Files/a", "hello"));
  EXPECT_EQ(result.entries, 2U);
  EXPECT_EQ(result.size, 5U);
  EXPECT_EQ(result.image.files, 3U);
  EXPECT_TRUE(is_cim_layer(layer_));
  EXPECT_TRUE(std::filesystem::is_directory(layer_));
  EXPECT_EQ(text_of("Files/a"), "hello");
}

TEST_F(ImportTar, WritesTheSameBytesForTheSameInput) {
  const ImportOptions options = {.writer = {.region_set = Guid{}, .now = FileTime{1}}};
  std::string images[2];
  for (std::string& bytes : images) {
    import(files_ + file_entry("Files/a", "hello"), options);
    for (const auto& file : std::filesystem::directory_iterator(cim_dir(layer_))) {
      std::ifstream stream(file.path(), std::ios::binary);
      bytes.append(std::istreambuf_iterator<char>(stream), {});
    }
    std::filesystem::remove_all(layer_.parent_path());
  }
  EXPECT_EQ(images[0], images[1]);
}

TEST_F(ImportTar, DoesNotReplaceALayer) {
  import(files_ + file_entry("Files/a", "first"));
  expect_error(ErrorCode::kExists, "the image already exists",
               [&] { import(files_ + file_entry("Files/a", "second")); });
  EXPECT_EQ(text_of("Files/a"), "first");
}

TEST_F(ImportTar, LinksAndStreamsComeAfterTheirFile) {
  import(files_ + file_entry("Files/a", "hello") + file_entry("Files/a:s", "stream") +
         file_entry("Files/a:t:$DATA", "other") + link_entry("Files/b", "Files/a"));
  const Image image(cim_path(layer_));
  const auto id = image.find(ImagePath::parse("Files/a"));
  EXPECT_EQ(image.find(ImagePath::parse("Files/b")), id);
  EXPECT_EQ(image.streams(*id).size(), 2U);
}

TEST_F(ImportTar, AcceptsRepeatedDirectoriesOnly) {
  import(files_ + directory_entry("Files/d") + file_entry("Files/d/a", "x") +
         directory_entry("FILES/D"));
  EXPECT_EQ(text_of("Files/d/a"), "x");
}

TEST_F(ImportTar, RefusesRepeatedNames) {
  const std::string words = "an earlier entry has the same name, ignoring case";
  const std::string file = files_ + file_entry("Files/a", "x");
  refuse(ErrorCode::kCorrupt, words, file + file_entry("Files/a", "y"));
  refuse(ErrorCode::kCorrupt, words, file + file_entry("files/A", "y"));
  refuse(ErrorCode::kCorrupt, words, file + link_entry("Files/A", "Files/a"));
  refuse(ErrorCode::kCorrupt, words,
         files_ + directory_entry("Files/d") + file_entry("Files/D", "y"));
  refuse(ErrorCode::kCorrupt, words, file + directory_entry("Files/A"));
}

TEST_F(ImportTar, RefusesEntriesWithMissingTargets) {
  refuse(ErrorCode::kCorrupt, "Files/d/a: \\Files\\d: its parent directory does not exist",
         files_ + file_entry("Files/d/a", "x"));
  refuse(ErrorCode::kCorrupt, "its parent is not a directory",
         files_ + file_entry("Files/a", "x") + file_entry("Files/a/b", "y"));
  refuse(ErrorCode::kCorrupt, "Files/b: \\Files\\a: the file to link to does not exist",
         files_ + link_entry("Files/b", "Files/a") + file_entry("Files/a", "x"));
  refuse(ErrorCode::kCorrupt, "a directory cannot have hard links",
         files_ + directory_entry("Files/d") + link_entry("Files/b", "Files/d"));
  refuse(ErrorCode::kCorrupt, "nothing to hide", files_ + file_entry("Files/.wh.a", ""));
}

TEST_F(ImportTar, RefusesATruncatedTar) {
  const std::string entry = file_entry("Files/a", std::string(5000, 'x'));
  std::ofstream(tar_, std::ios::binary) << files_ << entry.substr(0, 3000);
  expect_error(ErrorCode::kCorrupt, "layer.tar", [&] { import_tar(tar_, layer_); });
  EXPECT_FALSE(std::filesystem::exists(layer_.parent_path()));
}

TEST_F(ImportTar, WarnsOfATarWithoutItsEndMarkerUnlessItsDigestIsKnown) {
  const std::string bytes = files_ + file_entry("Files/a", "x");
  std::ofstream(tar_, std::ios::binary) << bytes;
  std::string warned;
  ImportOptions options = {.warning = [&](const std::string& warning) { warned += warning; }};
  import_tar(tar_, layer_, {}, options);
  EXPECT_NE(warned.find("layer.tar: the tar has no end marker"), std::string::npos) << warned;
  EXPECT_EQ(text_of("Files/a"), "x");
  warned.clear();
  options.diff_id = "sha256:" + to_hex(Sha256::of(as_bytes(bytes)));
  import_tar(tar_, layer_.parent_path() / "8", {}, options);
  EXPECT_EQ(warned.find("end marker"), std::string::npos) << warned;
}

TEST_F(ImportTar, ExpandsSparseFiles) {
  const std::string sparse = test::pax_header({{"GNU.sparse.size", "300000"},
                                               {"GNU.sparse.numblocks", "1"},
                                               {"GNU.sparse.map", "200000,6"}}) +
                             file_entry("Files/holes", "middle");
  const ImportResult result = import(files_ + sparse + file_entry("Files/after", "after"));
  EXPECT_EQ(result.size, 300005U);
  EXPECT_EQ(text_of("Files/holes"),
            std::string(200000, '\0') + "middle" + std::string(99994, '\0'));
  EXPECT_EQ(text_of("Files/after"), "after");
}

TEST_F(ImportTar, RequiresTheGivenDigest) {
  const std::string bytes = files_ + std::string(1024, '\0') + std::string(512, '\0');
  const std::string digest = "sha256:" + to_hex(Sha256::of(as_bytes(bytes)));
  expect_error(ErrorCode::kCorrupt, digest + ", expected sha256:0",
               [&] { import(files_ + std::string(512, '\0'), {.diff_id = "sha256:0"}); });
  EXPECT_FALSE(std::filesystem::exists(layer_));
  EXPECT_EQ(import(files_ + std::string(512, '\0'), {.diff_id = digest}).diff_id, digest);
}

TEST_F(ImportTar, RequiresTheGivenDigestOfTheBlob) {
  const std::string plain = files_ + std::string(10240, '\0') + "rest";
  const auto digest_of = [](const std::string& bytes) {
    return "sha256:" + to_hex(Sha256::of(as_bytes(bytes)));
  };
  for (const std::string& blob : plain_and_packed(plain)) {
    const auto layer = directory_.path() / fmt::format("store/{}", blob.size());
    const ByteSource source = ByteSource::memory(as_bytes(blob));
    ImportOptions options = {.diff_id = digest_of(plain), .blob_digest = digest_of(blob + "x")};
    expect_error(ErrorCode::kCorrupt, "the digest of the blob is " + digest_of(blob) + ", expected",
                 [&] { import_tar(source, layer, {}, options); });
    options = {.diff_id = digest_of(plain + "x"), .blob_digest = digest_of(blob)};
    expect_error(ErrorCode::kCorrupt, "the digest of the tar is " + digest_of(plain),
                 [&] { import_tar(source, layer, {}, options); });
    EXPECT_FALSE(std::filesystem::exists(layer));
    options = {.blob_digest = digest_of(blob)};
    EXPECT_EQ(import_tar(source, layer, {}, options).diff_id, "");
  }
}

// The digest covers what follows the end marker, too.
TEST_F(ImportTar, ReturnsSizeAndDigestOfTheUnpackedTarOnRequest) {
  const std::string bytes = files_ + std::string(10240, '\0') + "rest";
  const std::string digest = "sha256:" + to_hex(Sha256::of(as_bytes(bytes)));
  for (const std::string& input : {bytes, test::packed(bytes, tar::make_gzip_sink)}) {
    const auto layer = directory_.path() / fmt::format("store/{}", input.size());
    const ImportResult result =
        import_tar(ByteSource::memory(as_bytes(input)), layer, {}, {.computes_diff_id = true});
    EXPECT_EQ(result.tar_size, bytes.size());
    EXPECT_EQ(result.diff_id, digest);
  }
}

TEST_F(ImportTar, ReturnsNoDigestByDefault) {
  const ImportResult result = import(files_);
  EXPECT_EQ(result.tar_size, 512U + 1024U);
  EXPECT_EQ(result.diff_id, "");
}

TEST_F(ImportTar, NamesAMissingTar) {
  expect_error(ErrorCode::kNotFound, "layer.tar", [&] { import_tar(tar_, layer_); });
  EXPECT_FALSE(std::filesystem::exists(layer_.parent_path()));
}

TEST_F(ImportTar, ReportsProgressAndStopsOnRequest) {
  std::stop_source stop;
  std::uint64_t calls = 0;
  const ImportOptions options = {
      .progress =
          [&](const Progress& progress) {
            EXPECT_EQ(progress.bytes_total, std::filesystem::file_size(tar_));
            EXPECT_LE(progress.bytes_done, *progress.bytes_total);
            if (++calls == 2) {
              stop.request_stop();
            }
          },
      .stop = stop.get_token(),
  };
  expect_error(ErrorCode::kCancelled, "cancelled", [&] {
    import(files_ + file_entry("Files/a", "x") + file_entry("Files/b", "y"), options);
  });
  EXPECT_EQ(calls, 2U);
  EXPECT_FALSE(std::filesystem::exists(layer_.parent_path()));
}

TEST_F(ImportTar, IsReproducibleOnRequest) {
  ImportOptions options;
  options.writer.reproducible = true;
  const auto files = [this] {
    std::map<std::string, std::string> contents;
    for (const auto& entry : std::filesystem::directory_iterator(cim_dir(layer_))) {
      std::ifstream file(entry.path(), std::ios::binary);
      contents.emplace(entry.path().filename().string(),
                       std::string(std::istreambuf_iterator<char>(file), {}));
    }
    return contents;
  };
  const std::string tar = files_ + file_entry("Files/a", "x") + link_entry("Files/b", "Files/a");
  import(tar, options);
  const auto first = files();
  EXPECT_EQ(first.size(), 7U);
  std::filesystem::remove_all(layer_.parent_path());
  import(tar, options);
  EXPECT_EQ(files(), first);
}

TEST_F(ImportTar, EnforcesItsLimits) {
  const std::string entries = files_ + file_entry("Files/a", std::string(600, 'x')) +
                              file_entry("Files/a:s", std::string(500, 'y'));
  const auto refuse_with = [&](const ImportLimits& limits, std::string_view words) {
    expect_error(ErrorCode::kLimit, words, [&] { import(entries, {.limits = limits}); });
    EXPECT_FALSE(std::filesystem::exists(layer_.parent_path()));
  };
  refuse_with({.size = 512}, "layer.tar: unpacks to more than the 512 bytes allowed");
  refuse_with({.entries = 2}, "more than the 2 entries allowed");
  import(entries, {.limits = {.size = 5120, .entries = 3 }});
}

TEST_F(ImportTar, CountsSizesBeforeReadingBodies) {
  const std::string entry = files_ + HeaderBytes("Files/a", '0', 600'000).bytes();
  std::ofstream(tar_, std::ios::binary) << entry;
  expect_error(ErrorCode::kLimit,
               "Files/a: its 600000 bytes make the files larger than the 9000 bytes allowed",
               [&] { import_tar(tar_, layer_, {}, {.limits = {.size = 9000}}); });
}

TEST_F(ImportTar, RefusesFilesThatImportingCreates) {
  const std::string hives = files_ + directory_entry("Hives");
  for (const char* const name : {"Hives/SYSTEM_BASE", "hives/System_Base", "Hives/SAM_BASE. "}) {
    refuse(ErrorCode::kCorrupt, std::string(name) + ": is created by the import",
           hives + file_entry(name, "x"));
    refuse(ErrorCode::kCorrupt, "is created by the import", hives + directory_entry(name));
    refuse(ErrorCode::kCorrupt, "is created by the import",
           hives + file_entry("Files/a", "x") + link_entry(name, "Files/a"));
  }
  refuse(ErrorCode::kCorrupt, "Files: must be a directory", file_entry("Files", "x"));
  refuse(ErrorCode::kCorrupt, "Hives: must be a directory",
         files_ + HeaderBytes("Hives", '2').put(157, "Files").bytes());
}

TEST_F(ImportTar, KeepsExistingDirectories) {
  std::filesystem::create_directories(layer_);
  expect_error(ErrorCode::kCorrupt, "", [&] { import(file_entry("Files/a", "x")); });
  EXPECT_TRUE(std::filesystem::is_directory(layer_));
  EXPECT_FALSE(std::filesystem::exists(cim_dir(layer_)));
}

}  // namespace
}  // namespace cim::layer
