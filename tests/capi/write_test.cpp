// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Every result that the documentation of the writing functions lists.
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cimlib/cimfs.h"
#include "cimlib/image.h"

#include "capi/capi_test.h"

namespace cim::test {
namespace {

using CimCreateImageTest = CapiTest;
using CimCreateFileTest = CapiTest;
using CimCreateAlternateStreamTest = CapiTest;
using CimWriteStreamTest = CapiTest;
using CimCreateHardLinkTest = CapiTest;
using CimDeletePathTest = CapiTest;
using CimCommitImageTest = CapiTest;
using WriterHandlesTest = CapiTest;

std::string text_of(const Image& image, std::string_view path) {
  const auto id = image.find(ImagePath::parse(path));
  if (!id) {
    return "(missing)";
  }
  const std::vector<std::byte> bytes = image.open(*id).read_all(1 << 24);
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

TEST_F(CimCreateImageTest, RequiresAName) {
  CIMFS_IMAGE_HANDLE image = nullptr;
  EXPECT_RESULT(CimCreateImage(folder(), nullptr, nullptr, &image), E_INVALIDARG);
  EXPECT_RESULT(CimCreateImage(folder(), nullptr, ""_w, &image), E_INVALIDARG);
  EXPECT_RESULT(CimCreateImage(folder(), nullptr, "../a.cim"_w, &image), E_INVALIDARG);
  EXPECT_RESULT(CimCreateImage(folder(), nullptr, ".."_w, &image), E_INVALIDARG);
  EXPECT_RESULT(CimCreateImage(folder(), nullptr, Wide(std::string(256, 'n')), &image),
                E_INVALIDARG);
}

TEST_F(CimCreateImageTest, RequiresADirectory) {
  CIMFS_IMAGE_HANDLE image = nullptr;
  EXPECT_RESULT(CimCreateImage(nullptr, nullptr, "a.cim"_w, &image), E_INVALIDARG);
  EXPECT_RESULT(CimCreateImage(""_w, nullptr, "a.cim"_w, &image), E_INVALIDARG);
  EXPECT_RESULT(CimCreateImage(Wide(path() / "no"), nullptr, "a.cim"_w, &image),
                win32(ERROR_PATH_NOT_FOUND));
  EXPECT_RESULT(CimCreateImage(Wide(std::string(40000, 'x')), nullptr, "a.cim"_w, &image),
                E_INVALIDARG);
}

TEST_F(CimCreateImageTest, RequiresAHandlePointer) {
  EXPECT_RESULT(CimCreateImage(folder(), nullptr, "a.cim"_w, nullptr), E_POINTER);
}

TEST_F(CimCreateImageTest, ClearsTheHandleOnFailure) {
  const auto open = create("a.cim");
  auto image = open;
  EXPECT_RESULT(CimCreateImage(folder(), nullptr, nullptr, &image), E_INVALIDARG);
  EXPECT_EQ(image, nullptr);
  CimCloseImage(open);
}

TEST_F(CimCreateImageTest, RequiresTheExistingImage) {
  CIMFS_IMAGE_HANDLE image = nullptr;
  EXPECT_RESULT(CimCreateImage(folder(), "old.cim"_w, "new.cim"_w, &image),
                win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimCreateImage(folder(), "old.cim"_w, nullptr, &image),
                win32(ERROR_FILE_NOT_FOUND));
}

TEST_F(CimCreateImageTest, RefusesADamagedExistingImage) {
  std::ofstream(path() / "old.cim") << "no image";
  CIMFS_IMAGE_HANDLE image = nullptr;
  EXPECT_RESULT(CimCreateImage(folder(), "old.cim"_w, "new.cim"_w, &image),
                win32(ERROR_FILE_CORRUPT));
}

TEST_F(CimCreateImageTest, RefusesAnExistingName) {
  make_sample("a.cim");
  make_sample("b.cim");
  CIMFS_IMAGE_HANDLE image = nullptr;
  EXPECT_RESULT(CimCreateImage(folder(), nullptr, "a.cim"_w, &image), win32(ERROR_FILE_EXISTS));
  EXPECT_RESULT(CimCreateImage(folder(), "b.cim"_w, "a.cim"_w, &image), win32(ERROR_FILE_EXISTS));
}

TEST_F(CimCreateImageTest, LocksTheDirectory) {
  const auto first = create("a.cim");
  CIMFS_IMAGE_HANDLE second = nullptr;
  EXPECT_RESULT(CimCreateImage(folder(), nullptr, "b.cim"_w, &second),
                win32(ERROR_SHARING_VIOLATION));
  CimCloseImage(first);
  EXPECT_RESULT(CimCreateImage(folder(), nullptr, "b.cim"_w, &second), S_OK);
  CimCloseImage(second);
}

TEST_F(CimCreateImageTest, Forks) {
  make_sample("a.cim");
  CIMFS_IMAGE_HANDLE image = nullptr;
  ASSERT_RESULT(CimCreateImage(folder(), "a.cim"_w, "b.cim"_w, &image), S_OK);
  add(image, "new", file_of(3), "new");
  commit(image);
  EXPECT_EQ(text_of(Image(path() / "b.cim"), "new"), "new");
  EXPECT_EQ(text_of(Image(path() / "b.cim"), "dir/file"), "hello");
  EXPECT_EQ(text_of(Image(path() / "a.cim"), "new"), "(missing)");
}

TEST_F(CimCreateImageTest, OverwritesWithOneNameOrTheSameTwice) {
  make_sample("a.cim");
  int round = 0;
  for (const bool twice : {false, true}) {
    const Wide name("a.cim");
    CIMFS_IMAGE_HANDLE image = nullptr;
    ASSERT_RESULT(CimCreateImage(folder(), name, twice ? PCWSTR(name) : nullptr, &image), S_OK);
    add(image, "new" + std::to_string(++round), file_of(3), "new");
    EXPECT_EQ(text_of(Image(path() / "a.cim"), "new" + std::to_string(round)), "(missing)");
    commit(image);
  }
  EXPECT_EQ(text_of(Image(path() / "a.cim"), "new1"), "new");
  EXPECT_EQ(text_of(Image(path() / "a.cim"), "new2"), "new");
}

TEST_F(CimCreateFileTest, RequiresAValidPath) {
  const auto image = create("a.cim");
  const auto metadata = file_of(0);
  CIMFS_STREAM_HANDLE stream = nullptr;
  EXPECT_RESULT(CimCreateFile(image, nullptr, &metadata, &stream), E_INVALIDARG);
  EXPECT_RESULT(CimCreateFile(image, "\\"_w, &metadata, &stream), E_INVALIDARG);  // a file as root
  EXPECT_RESULT(CimCreateFile(image, "..\\a"_w, &metadata, &stream), E_INVALIDARG);
  EXPECT_RESULT(CimCreateFile(image, "a:b"_w, &metadata, &stream), E_INVALIDARG);
  EXPECT_RESULT(CimCreateFile(image, Wide(std::string(256, 'n')), &metadata, &stream),
                E_INVALIDARG);
  std::u16string long_path;
  for (int i = 0; i < 200; ++i) {
    long_path += std::u16string(200, u'd') + u"\\";
  }
  EXPECT_RESULT(CimCreateFile(image, Wide(long_path), &metadata, &stream), E_INVALIDARG);
  EXPECT_RESULT(CimCreateFile(image, Wide(std::string(255, 'n')), &metadata, &stream), S_OK);
  CimCloseStream(stream);
  CimCloseImage(image);
}

TEST_F(CimCreateFileTest, RequiresMetadataAndAHandlePointer) {
  const auto image = create("a.cim");
  const auto metadata = file_of(0);
  CIMFS_STREAM_HANDLE stream = nullptr;
  EXPECT_RESULT(CimCreateFile(image, "a"_w, nullptr, &stream), E_INVALIDARG);
  EXPECT_RESULT(CimCreateFile(image, "a"_w, &metadata, nullptr), E_POINTER);
  CimCloseImage(image);
}

TEST_F(CimCreateFileTest, RequiresTheParentDirectory) {
  const auto image = create("a.cim");
  const auto metadata = file_of(0);
  CIMFS_STREAM_HANDLE stream = nullptr;
  EXPECT_RESULT(CimCreateFile(image, "no\\a"_w, &metadata, &stream), win32(ERROR_PATH_NOT_FOUND));
  add(image, "file", metadata);
  EXPECT_RESULT(CimCreateFile(image, "file\\a"_w, &metadata, &stream), win32(ERROR_PATH_NOT_FOUND));
  CimCloseImage(image);
}

TEST_F(CimCreateFileTest, RefusesWrongSizes) {
  const auto image = create("a.cim");
  CIMFS_STREAM_HANDLE stream = nullptr;
  const std::vector<std::uint8_t> bytes(70000);
  const auto refuse = [&](auto change) {
    auto metadata = file_of(0);
    change(metadata);
    EXPECT_RESULT(CimCreateFile(image, "a"_w, &metadata, &stream), E_INVALIDARG);
  };
  refuse([](auto& metadata) { metadata.FileSize = -1; });
  refuse([](auto& metadata) { metadata.FileSize = std::int64_t{1} << 48; });
  refuse([](auto& metadata) { metadata.SecurityDescriptorSize = 20; });
  refuse([](auto& metadata) { metadata.ReparseDataSize = 8; });
  refuse([](auto& metadata) { metadata.EaBufferSize = 8; });
  refuse([&](auto& metadata) {
    metadata.SecurityDescriptorBuffer = bytes.data();
    metadata.SecurityDescriptorSize = 65536;
  });
  refuse([&](auto& metadata) {
    metadata.ReparseDataBuffer = bytes.data();
    metadata.ReparseDataSize = 16385;
  });
  refuse([&](auto& metadata) {
    metadata.EaBuffer = bytes.data();
    metadata.EaBufferSize = std::numeric_limits<UINT32>::max();
  });
  CimCloseImage(image);
}

TEST_F(CimCreateFileTest, RefusesMalformedBuffers) {
  const auto image = create("a.cim");
  CIMFS_STREAM_HANDLE stream = nullptr;
  const std::array<std::uint8_t, 20> absolute = {1, 0, 4, 0};                  // not self-relative
  const std::array<std::uint8_t, 8> reparse = {0x0C, 0, 0, 0xA0, 9, 0, 0, 0};  // 9 bytes follow
  const std::array<std::uint8_t, 8> eas = {0, 0, 0, 0, 0, 3, 9, 0};
  auto metadata = file_of(0);
  metadata.SecurityDescriptorBuffer = absolute.data();
  metadata.SecurityDescriptorSize = absolute.size();
  EXPECT_RESULT(CimCreateFile(image, "a"_w, &metadata, &stream), E_INVALIDARG);
  metadata = file_of(0);
  metadata.ReparseDataBuffer = reparse.data();
  metadata.ReparseDataSize = reparse.size();
  EXPECT_RESULT(CimCreateFile(image, "a"_w, &metadata, &stream), E_INVALIDARG);
  metadata = file_of(0);
  metadata.EaBuffer = eas.data();
  metadata.EaBufferSize = eas.size();
  EXPECT_RESULT(CimCreateFile(image, "a"_w, &metadata, &stream), E_INVALIDARG);
  CimCloseImage(image);
}

TEST_F(CimCreateFileTest, KeepsMetadata) {
  const std::array<std::uint8_t, 20> descriptor = {1, 0, 4, 0x94};
  const std::array<std::uint8_t, 12> reparse = {0x17, 0, 0, 0x80, 4, 0, 0, 0, 1, 2, 3, 4};
  const std::array<std::uint8_t, 12> eas = {0, 0, 0, 0, 0, 1, 2, 0, 'N', 0, 7, 8};
  auto metadata = file_of(0);
  metadata.Attributes = FILE_ATTRIBUTE_HIDDEN;
  metadata.CreationTime.QuadPart = 10;
  metadata.LastWriteTime.QuadPart = 20;
  metadata.ChangeTime.QuadPart = 30;
  metadata.LastAccessTime.QuadPart = 40;
  metadata.SecurityDescriptorBuffer = descriptor.data();
  metadata.SecurityDescriptorSize = descriptor.size();
  metadata.ReparseDataBuffer = reparse.data();
  metadata.ReparseDataSize = reparse.size();
  metadata.EaBuffer = eas.data();
  metadata.EaBufferSize = eas.size();
  const auto writer = create("a.cim");
  add(writer, "f", metadata);
  commit(writer);

  const Image image(path() / "a.cim");
  const FileId id = image.find(ImagePath::parse("f")).value();
  const FileInfo info = image.info(id);
  EXPECT_EQ(info.times.creation.ticks, 10U);
  EXPECT_EQ(info.times.last_write.ticks, 20U);
  EXPECT_EQ(info.times.change.ticks, 30U);
  EXPECT_EQ(info.times.last_access.ticks, 40U);
  EXPECT_EQ(info.attributes, attribute::kHidden | attribute::kReparsePoint);
  EXPECT_EQ(info.reparse_tag, 0x80000017U);
  EXPECT_EQ(image.security_descriptor(id).size(), descriptor.size());
  EXPECT_EQ(image.security_descriptor(id)[3], std::byte{0x94});
  EXPECT_EQ(image.reparse_data(id).size(), reparse.size());
  EXPECT_EQ(image.extended_attributes(id).size(), eas.size());
}

TEST_F(CimCreateFileTest, OpensOneStreamAtATime) {
  const auto image = create("a.cim");
  const auto metadata = file_of(1);
  CIMFS_STREAM_HANDLE first = nullptr;
  CIMFS_STREAM_HANDLE second = nullptr;
  ASSERT_RESULT(CimCreateFile(image, "a"_w, &metadata, &first), S_OK);
  const HRESULT busy = win32(ERROR_SHARING_VIOLATION);
  EXPECT_RESULT(CimCreateFile(image, "b"_w, &metadata, &second), busy);
  EXPECT_RESULT(CimCreateAlternateStream(image, "a:s"_w, 1, &second), busy);
  EXPECT_RESULT(CimCreateHardLink(image, "c"_w, "a"_w), busy);
  EXPECT_RESULT(CimDeletePath(image, "a"_w), busy);
  EXPECT_RESULT(CimCommitImage(image), busy);
  CimCloseStream(first);
  EXPECT_RESULT(CimCreateFile(image, "b"_w, &metadata, &second), S_OK);
  CimCloseStream(second);
  commit(image);
}

TEST_F(CimCreateFileTest, ReplacesAFileAndKeepsADirectorysEntries) {
  const auto writer = create("a.cim");
  add(writer, "d", directory());
  add(writer, "d\\f", file_of(3), "old");
  add(writer, "D", directory());
  add(writer, "d\\F", file_of(3), "new");
  commit(writer);
  EXPECT_EQ(text_of(Image(path() / "a.cim"), "d/f"), "new");
}

TEST_F(CimCreateFileTest, FillsUnwrittenBytesWithZeros) {
  const auto writer = create("a.cim");
  add(writer, "f", file_of(4), "ab");
  commit(writer);
  EXPECT_EQ(text_of(Image(path() / "a.cim"), "f"), std::string("ab\0\0", 4));
}

TEST_F(CimCreateAlternateStreamTest, RequiresAFileAndAStreamName) {
  const auto image = create("a.cim");
  CIMFS_STREAM_HANDLE stream = nullptr;
  EXPECT_RESULT(CimCreateAlternateStream(image, "no:s"_w, 1, &stream), win32(ERROR_PATH_NOT_FOUND));
  add(image, "f", file_of(0));
  EXPECT_RESULT(CimCreateAlternateStream(image, "f"_w, 1, &stream), E_INVALIDARG);
  EXPECT_RESULT(CimCreateAlternateStream(image, "f:"_w, 1, &stream), E_INVALIDARG);
  EXPECT_RESULT(CimCreateAlternateStream(image, "f::$DATA"_w, 1, &stream), E_INVALIDARG);
  EXPECT_RESULT(CimCreateAlternateStream(image, "f:s:$INDEX"_w, 1, &stream), E_INVALIDARG);
  EXPECT_RESULT(CimCreateAlternateStream(image, nullptr, 1, &stream), E_INVALIDARG);
  EXPECT_RESULT(CimCreateAlternateStream(image, "f:s"_w, 1, nullptr), E_POINTER);
  EXPECT_RESULT(CimCreateAlternateStream(image, "f:s"_w, std::uint64_t{1} << 48, &stream),
                E_INVALIDARG);
  EXPECT_RESULT(CimCreateAlternateStream(image, Wide("f:" + std::string(256, 's')), 1, &stream),
                E_INVALIDARG);
  EXPECT_RESULT(CimCreateAlternateStream(image, "f:s:$DATA"_w, 1, &stream), S_OK);
  CimCloseStream(stream);
  CimCloseImage(image);
}

TEST_F(CimWriteStreamTest, WritesUpToTheDeclaredSize) {
  const auto image = create("a.cim");
  const auto metadata = file_of(3);
  CIMFS_STREAM_HANDLE stream = nullptr;
  ASSERT_RESULT(CimCreateFile(image, "f"_w, &metadata, &stream), S_OK);
  EXPECT_RESULT(CimWriteStream(stream, "abcde", 5), win32(ERROR_HANDLE_EOF));
  EXPECT_RESULT(CimWriteStream(stream, "x", 1), win32(ERROR_HANDLE_EOF));
  CimCloseStream(stream);
  commit(image);
  EXPECT_EQ(text_of(Image(path() / "a.cim"), "f"), "abc");
}

TEST_F(CimWriteStreamTest, RequiresABufferAndAnOpenStream) {
  const auto image = create("a.cim");
  auto metadata = file_of(3);
  CIMFS_STREAM_HANDLE stream = nullptr;
  ASSERT_RESULT(CimCreateFile(image, "f"_w, &metadata, &stream), S_OK);
  EXPECT_RESULT(CimWriteStream(stream, nullptr, 1), E_POINTER);
  EXPECT_RESULT(CimWriteStream(stream, "", 0), S_OK);
  CimCloseStream(stream);
  metadata = directory();
  ASSERT_RESULT(CimCreateFile(image, "d"_w, &metadata, &stream), S_OK);
  EXPECT_RESULT(CimWriteStream(stream, "x", 1), E_INVALIDARG);
  CimCloseStream(stream);
  CimCloseImage(image);
}

TEST_F(CimWriteStreamTest, OutlivesTheImagesHandle) {
  const auto image = create("a.cim");
  const auto metadata = file_of(3);
  CIMFS_STREAM_HANDLE stream = nullptr;
  ASSERT_RESULT(CimCreateFile(image, "f"_w, &metadata, &stream), S_OK);
  CimCloseImage(image);
  EXPECT_RESULT(CimWriteStream(stream, "abc", 3), S_OK);
  CIMFS_IMAGE_HANDLE other = nullptr;
  EXPECT_RESULT(CimCreateImage(folder(), nullptr, "b.cim"_w, &other),
                win32(ERROR_SHARING_VIOLATION));
  CimCloseStream(stream);  // frees the image too
  EXPECT_TRUE(std::filesystem::is_empty(path()));
}

TEST_F(CimCreateHardLinkTest, LinksFilesOnly) {
  const auto image = create("a.cim");
  add(image, "d", directory());
  add(image, "f", file_of(1), "f");
  add(image, "g", file_of(1), "g");
  EXPECT_RESULT(CimCreateHardLink(image, "l"_w, "no"_w), win32(ERROR_PATH_NOT_FOUND));
  EXPECT_RESULT(CimCreateHardLink(image, "no\\l"_w, "f"_w), win32(ERROR_PATH_NOT_FOUND));
  EXPECT_RESULT(CimCreateHardLink(image, "l"_w, "d"_w), E_ACCESSDENIED);
  EXPECT_RESULT(CimCreateHardLink(image, "d"_w, "f"_w), E_ACCESSDENIED);
  EXPECT_RESULT(CimCreateHardLink(image, "l"_w, "f:s"_w), E_INVALIDARG);
  EXPECT_RESULT(CimCreateHardLink(image, "l:s"_w, "f"_w), E_INVALIDARG);
  EXPECT_RESULT(CimCreateHardLink(image, "\\"_w, "f"_w), E_INVALIDARG);
  EXPECT_RESULT(CimCreateHardLink(image, nullptr, "f"_w), E_INVALIDARG);
  EXPECT_RESULT(CimCreateHardLink(image, "l"_w, nullptr), E_INVALIDARG);
  EXPECT_RESULT(CimCreateHardLink(image, "d\\l"_w, "f"_w), S_OK);
  EXPECT_RESULT(CimCreateHardLink(image, "g"_w, "f"_w), S_OK);  // replaces another file
  commit(image);
  const Image made(path() / "a.cim");
  EXPECT_EQ(text_of(made, "d/l"), "f");
  EXPECT_EQ(text_of(made, "g"), "f");
}

TEST_F(CimDeletePathTest, RemovesFilesTreesAndStreams) {
  make_sample("a.cim");
  CIMFS_IMAGE_HANDLE image = nullptr;
  ASSERT_RESULT(CimCreateImage(folder(), "a.cim"_w, nullptr, &image), S_OK);
  EXPECT_RESULT(CimDeletePath(image, "link:NOTE"_w), S_OK);  // a stream belongs to all names
  EXPECT_RESULT(CimDeletePath(image, "dir\\file:note"_w), win32(ERROR_PATH_NOT_FOUND));
  EXPECT_RESULT(CimDeletePath(image, "dir"_w), S_OK);
  EXPECT_RESULT(CimDeletePath(image, "dir\\file"_w), win32(ERROR_PATH_NOT_FOUND));
  commit(image);
  const Image made(path() / "a.cim");
  EXPECT_FALSE(made.find(ImagePath::parse("dir")));
  EXPECT_EQ(text_of(made, "link"), "hello");
  EXPECT_TRUE(made.streams(made.find(ImagePath::parse("link")).value()).empty());
}

TEST_F(CimDeletePathTest, RequiresARemovablePath) {
  const auto image = create("a.cim");
  add(image, "f", file_of(0));
  EXPECT_RESULT(CimDeletePath(image, nullptr), E_INVALIDARG);
  EXPECT_RESULT(CimDeletePath(image, "\\"_w), E_INVALIDARG);
  EXPECT_RESULT(CimDeletePath(image, "f:"_w), E_INVALIDARG);
  EXPECT_RESULT(CimDeletePath(image, "f::$DATA"_w), E_INVALIDARG);
  EXPECT_RESULT(CimDeletePath(image, "no"_w), win32(ERROR_PATH_NOT_FOUND));
  EXPECT_RESULT(CimDeletePath(image, "no:s"_w), win32(ERROR_PATH_NOT_FOUND));
  commit(image);
  EXPECT_EQ(text_of(Image(path() / "a.cim"), "f"), "");
}

TEST_F(CimCommitImageTest, MakesTheImageUnusable) {
  const auto image = create("a.cim");
  const auto metadata = file_of(0);
  CIMFS_STREAM_HANDLE stream = nullptr;
  EXPECT_RESULT(CimCommitImage(image), S_OK);
  EXPECT_RESULT(CimCommitImage(image), E_INVALIDARG);
  EXPECT_RESULT(CimCreateFile(image, "a"_w, &metadata, &stream), E_INVALIDARG);
  EXPECT_RESULT(CimCreateHardLink(image, "b"_w, "a"_w), E_INVALIDARG);
  EXPECT_RESULT(CimDeletePath(image, "a"_w), E_INVALIDARG);
  CimCloseImage(image);
}

TEST_F(CimCommitImageTest, CreatesTheImage) {
  const auto image = create("a.cim");
  add(image, "f", file_of(5), "hello");
  CimCloseImage(image);
  EXPECT_TRUE(std::filesystem::is_empty(path()));
}

TEST_F(CimCommitImageTest, FailsIfTheImageWasCreatedMeanwhile) {
  const auto image = create("a.cim");
  std::ofstream(path() / "a.cim") << "of another program";
  EXPECT_RESULT(CimCommitImage(image), win32(ERROR_FILE_EXISTS));
  EXPECT_RESULT(CimCommitImage(image), win32(ERROR_FILE_EXISTS));  // unusable from now on
  CimCloseImage(image);
}

TEST_F(WriterHandlesTest, AreChecked) {
  const auto image = create("a.cim");
  const auto metadata = file_of(3);
  CIMFS_STREAM_HANDLE stream = nullptr;
  CIMFS_STREAM_HANDLE other = nullptr;
  ASSERT_RESULT(CimCreateFile(image, "f"_w, &metadata, &stream), S_OK);
  // Handles of another kind.
  EXPECT_RESULT(CimWriteStream(reinterpret_cast<CIMFS_STREAM_HANDLE>(image), "x", 1), E_INVALIDARG);
  EXPECT_RESULT(CimCommitImage(reinterpret_cast<CIMFS_IMAGE_HANDLE>(stream)), E_INVALIDARG);
  CimCloseImage(reinterpret_cast<CIMFS_IMAGE_HANDLE>(stream));
  CimCloseStream(reinterpret_cast<CIMFS_STREAM_HANDLE>(image));
  // Null and pointers.
  EXPECT_RESULT(CimWriteStream(nullptr, "x", 1), E_INVALIDARG);
  EXPECT_RESULT(CimCommitImage(nullptr), E_INVALIDARG);
  EXPECT_RESULT(CimCreateFile(nullptr, "f"_w, &metadata, &other), E_INVALIDARG);
  EXPECT_RESULT(CimCommitImage(reinterpret_cast<CIMFS_IMAGE_HANDLE>(&stream)), E_INVALIDARG);
  CimCloseImage(nullptr);
  CimCloseStream(nullptr);
  // Closed handles, closed again.
  EXPECT_RESULT(CimWriteStream(stream, "abc", 3), S_OK);
  CimCloseStream(stream);
  CimCloseStream(stream);
  EXPECT_RESULT(CimWriteStream(stream, "x", 1), E_INVALIDARG);
  CimCloseImage(image);
  CimCloseImage(image);
  EXPECT_RESULT(CimCommitImage(image), E_INVALIDARG);
  EXPECT_RESULT(CimDeletePath(image, "f"_w), E_INVALIDARG);
  EXPECT_RESULT(CimCreateAlternateStream(image, "f:s"_w, 1, &other), E_INVALIDARG);
  EXPECT_RESULT(CimCreateHardLink(image, "l"_w, "f"_w), E_INVALIDARG);
}

}  // namespace
}  // namespace cim::test
