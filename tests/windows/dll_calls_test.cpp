// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Loads cimfs.dll and cimwriter.dll by name, as other programs do, and calls every export. The
// signatures are declared here, not taken from the header: they are those of the callers.
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <windows.h>

#include "capi/consistent_image.h"
#include "temporary_directory.h"

namespace cim::test {
namespace {

constexpr HRESULT kInvalidArgument = static_cast<HRESULT>(0x80070057);
constexpr HRESULT kInvalidPointer = static_cast<HRESULT>(0x80004003);
constexpr HRESULT kInvalidHandle = static_cast<HRESULT>(0x80070006);
constexpr HRESULT kNotSupported = static_cast<HRESULT>(0x80070032);
constexpr HRESULT kFileNotFound = static_cast<HRESULT>(0x80070002);

/// A file's metadata as hcsshim lays it out.
struct Metadata {
  std::uint32_t Attributes;
  std::int64_t FileSize;
  LARGE_INTEGER CreationTime;
  LARGE_INTEGER LastWriteTime;
  LARGE_INTEGER ChangeTime;
  LARGE_INTEGER LastAccessTime;
  const void* SecurityDescriptorBuffer;
  std::uint32_t SecurityDescriptorSize;
  const void* ReparseDataBuffer;
  std::uint32_t ReparseDataSize;
  const void* EaBuffer;
  std::uint32_t EaBufferSize;
};

struct ImagePathPair {
  const wchar_t* directory;
  const wchar_t* name;
};

class Text {
 public:
  explicit Text(std::u16string_view text) : text_(text.begin(), text.end()) {}
  // NOLINTNEXTLINE(google-explicit-constructor): as a literal would be.
  operator const wchar_t*() const noexcept { return text_.c_str(); }

 private:
  std::wstring text_;
};

/// A loaded DLL.
class Dll {
 public:
  explicit Dll(const char* path) : module_(::LoadLibraryA(path)) {
    EXPECT_NE(module_, nullptr) << path << ": " << ::GetLastError();
  }
  Dll(const Dll&) = delete;
  Dll& operator=(const Dll&) = delete;
  ~Dll() { ::FreeLibrary(module_); }

  template <typename Function>
  void find(Function*& function, const char* name) const {
    function =
        reinterpret_cast<Function*>(reinterpret_cast<void (*)()>(::GetProcAddress(module_, name)));
    EXPECT_NE(function, nullptr) << name;
  }

 private:
  HMODULE module_;
};

/// The functions of cimwriter.dll, which cimfs.dll has as well.
struct WriterApi {
  using Handle = void*;
  using Stream = void*;
  using Metadata = test::Metadata;
  using Text = test::Text;
  using Wide = const wchar_t*;

  HRESULT(WINAPI* create_image_1)(Wide, Wide, Wide, Handle*);
  HRESULT(WINAPI* create_image)(Wide, std::uint32_t, Wide, Wide, Handle*);
  HRESULT(WINAPI* close_image)(Handle);
  HRESULT(WINAPI* commit_image)(Handle);
  HRESULT(WINAPI* create_file)(Handle, Wide, const Metadata*, Stream*);
  HRESULT(WINAPI* create_alternate_stream)(Handle, Wide, std::uint64_t, Stream*);
  HRESULT(WINAPI* write_stream)(Stream, const void*, std::uint32_t);
  HRESULT(WINAPI* close_stream)(Stream);
  HRESULT(WINAPI* create_hard_link)(Handle, Wide, Wide);
  HRESULT(WINAPI* delete_path)(Handle, Wide);
  HRESULT(WINAPI* add_to_merged)(Handle, Wide);
  HRESULT(WINAPI* add_to_merged_2)(Handle, Wide, std::uint32_t);
  HRESULT(WINAPI* tombstone)(Handle, Wide);
  HRESULT(WINAPI* create_merge_link)(Handle, Wide, Wide);
  HRESULT(WINAPI* seal)(Wide, std::uint64_t*, std::uint64_t*, void*);
  HRESULT(WINAPI* verification)
  (Wide, std::uint32_t*, std::uint64_t*, std::uint64_t*, std::uint64_t*, void*, void*);
  HRESULT(WINAPI* error_text)(wchar_t*, std::uint32_t, std::uint32_t*);

  explicit WriterApi(const Dll& dll) {
    dll.find(create_image_1, "CimCreateImage");
    dll.find(create_image, "CimCreateImage2");
    dll.find(close_image, "CimCloseImage");
    dll.find(commit_image, "CimCommitImage");
    dll.find(create_file, "CimCreateFile");
    dll.find(create_alternate_stream, "CimCreateAlternateStream");
    dll.find(write_stream, "CimWriteStream");
    dll.find(close_stream, "CimCloseStream");
    dll.find(create_hard_link, "CimCreateHardLink");
    dll.find(delete_path, "CimDeletePath");
    dll.find(add_to_merged, "CimAddFsToMergedImage");
    dll.find(add_to_merged_2, "CimAddFsToMergedImage2");
    dll.find(tombstone, "CimTombstoneFile");
    dll.find(create_merge_link, "CimCreateMergeLink");
    dll.find(seal, "CimSealImage");
    dll.find(verification, "CimGetVerificationInformation");
    dll.find(error_text, "CimlibGetErrorText");
  }
};

/// The functions that only cimfs.dll has.
struct MountApi {
  using Wide = const wchar_t*;
  using Images = const ImagePathPair*;

  HRESULT(WINAPI* mount)(Wide, Wide, std::uint32_t, const GUID*);
  HRESULT(WINAPI* dismount)(const GUID*);
  HRESULT(WINAPI* merge)(std::uint32_t, Images, std::uint32_t, const GUID*);
  HRESULT(WINAPI* mount_verified)
  (Wide, Wide, std::uint32_t, const GUID*, std::uint16_t, const void*);
  HRESULT(WINAPI* merge_verified)
  (std::uint32_t, Images, std::uint32_t, const GUID*, std::uint16_t, const void*);
  HRESULT(WINAPI* convert)(Wide, Wide, Wide);
  HRESULT(WINAPI* read)
  (Wide, Wide, std::uint64_t, void*, std::uint64_t, std::uint64_t*, std::uint64_t*);
  HRESULT(WINAPI* read_2)
  (Wide, Wide, std::uint64_t, void*, std::uint64_t, std::uint64_t*, std::uint64_t*, std::uint32_t);
  HRESULT(WINAPI* stat)(Wide, Wide, void*);
  HRESULT(WINAPI* stat_2)(Wide, Wide, void*, std::uint32_t);

  explicit MountApi(const Dll& dll) {
    dll.find(mount, "CimMountImage");
    dll.find(dismount, "CimDismountImage");
    dll.find(merge, "CimMergeMountImage");
    dll.find(mount_verified, "CimMountVerifiedImage");
    dll.find(merge_verified, "CimMergeMountVerifiedImage");
    dll.find(convert, "CimConvertBlockImage");
    dll.find(read, "CimReadFile");
    dll.find(read_2, "CimReadFile2");
    dll.find(stat, "CimGetFileStatBasicInformation");
    dll.find(stat_2, "CimGetFileStatBasicInformation2");
  }
};

class DllTest : public testing::TestWithParam<const char*> {
 protected:
  std::wstring folder() const { return directory_.path().wstring(); }
  std::wstring image() const { return (directory_.path() / "a.cim").wstring(); }

  const TemporaryDirectory directory_;
  const Dll dll_{GetParam()};
  const WriterApi api_{dll_};
};

TEST_P(DllTest, WritesTheSameFilesAsOtherSystems) {
  write_consistent_image(api_, directory_.path());
  EXPECT_EQ(digest_of_files(directory_.path()), kConsistentDigest);
}

TEST_P(DllTest, ReportsMisuseOfHandles) {
  void* image = nullptr;
  ASSERT_EQ(api_.create_image_1(folder().c_str(), nullptr, L"a.cim", &image), 0);
  EXPECT_EQ(api_.close_stream(image), kInvalidHandle);
  EXPECT_EQ(api_.write_stream(image, "x", 1), kInvalidArgument);
  EXPECT_EQ(api_.commit_image(nullptr), kInvalidArgument);
  EXPECT_EQ(api_.close_image(image), 0);
  EXPECT_EQ(api_.close_image(image), kInvalidHandle);
  EXPECT_EQ(api_.commit_image(image), kInvalidArgument);
  EXPECT_EQ(api_.create_image_1(folder().c_str(), nullptr, L"a.cim", nullptr), kInvalidPointer);
  EXPECT_EQ(api_.create_image(folder().c_str(), 4, nullptr, L"a.cim", &image), kNotSupported);
  EXPECT_EQ(api_.create_image(folder().c_str(), 0, L"no.cim", L"a.cim", &image), kFileNotFound);
  std::uint32_t length = 1;
  std::array<wchar_t, 8> text{};
  EXPECT_EQ(api_.error_text(text.data(), text.size(), &length), 0);
}

TEST_P(DllTest, SaysThatBlockImagesAreNotSupported) {
  void* image = nullptr;
  ASSERT_EQ(api_.create_image_1(folder().c_str(), nullptr, L"a.cim", &image), 0);
  EXPECT_EQ(api_.add_to_merged(image, L"b.cim"), kNotSupported);
  EXPECT_EQ(api_.add_to_merged_2(image, L"b.cim", 1), kNotSupported);
  EXPECT_EQ(api_.tombstone(image, L"file"), kNotSupported);
  EXPECT_EQ(api_.create_merge_link(image, L"new", L"file"), kNotSupported);
  EXPECT_EQ(api_.commit_image(image), 0);
  EXPECT_EQ(api_.close_image(image), 0);
  std::uint32_t is_sealed = 1;
  std::array<std::uint64_t, 3> sizes{};
  EXPECT_EQ(api_.seal(this->image().c_str(), &sizes[0], &sizes[1], nullptr), kNotSupported);
  EXPECT_EQ(api_.seal(L"C:\\no.cim", &sizes[0], &sizes[1], nullptr), kFileNotFound);
  EXPECT_EQ(api_.verification(this->image().c_str(), &is_sealed, &sizes[0], &sizes[1], &sizes[2],
                              nullptr, nullptr),
            kNotSupported);
}

INSTANTIATE_TEST_SUITE_P(Of, DllTest, testing::Values(CIMLIB_CIMFS_DLL, CIMLIB_CIMWRITER_DLL),
                         [](const auto& dll) {
                           return dll.index == 0 ? std::string("CimFs") : std::string("CimWriter");
                         });

// Wine has no cimfs.dll of its own, to which the mounts could be passed.
TEST(CimFsDll, ReadsAndSaysThatMountsAreNotSupported) {
  const TemporaryDirectory directory;
  const Dll dll(CIMLIB_CIMFS_DLL);
  write_consistent_image(WriterApi(dll), directory.path());
  const MountApi api(dll);
  const std::wstring folder = directory.path().wstring();
  const std::wstring image = (directory.path() / "a.cim").wstring();
  const ImagePathPair pair = {folder.c_str(), L"a.cim"};
  const GUID volume = {1, 2, 3, {4}};
  EXPECT_EQ(api.mount(folder.c_str(), L"a.cim", 0, &volume), kNotSupported);
  EXPECT_EQ(api.dismount(&volume), kFileNotFound);
  EXPECT_EQ(api.merge(1, &pair, 0xBF, &volume), kNotSupported);
  EXPECT_EQ(api.mount_verified(folder.c_str(), L"a.cim", 0x80, &volume, 8, &volume), kNotSupported);
  EXPECT_EQ(api.merge_verified(1, &pair, 0x80, &volume, 8, &volume), kNotSupported);
  EXPECT_EQ(api.merge(0, &pair, 0, &volume), kInvalidArgument);
  EXPECT_EQ(api.convert(folder.c_str(), L"no.cim", folder.c_str()), kFileNotFound);
  EXPECT_EQ(api.convert(folder.c_str(), L"a.cim", folder.c_str()), kNotSupported);

  std::array<char, 8> bytes{};
  std::uint64_t count = 0;
  std::uint64_t left = 0;
  EXPECT_EQ(api.read(image.c_str(), L"link", 0, bytes.data(), 8, &count, &left), 0);
  EXPECT_EQ(std::string(bytes.data(), count), "hello");
  EXPECT_EQ(api.read_2(image.c_str(), L"link", 0, bytes.data(), 8, &count, &left, 1),
            kNotSupported);
  std::array<std::byte, 104> information{};
  EXPECT_EQ(api.stat(image.c_str(), L"link", information.data()), 0);
  EXPECT_EQ(api.stat_2(image.c_str(), L"link", information.data(), 2), kNotSupported);
}

}  // namespace
}  // namespace cim::test
