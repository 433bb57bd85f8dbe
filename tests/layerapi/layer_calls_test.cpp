// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/layer.h"
#include "cimlib/layers.h"

#include "capi/wide.h"
#include "os/crypto.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::test {
namespace {

using testing::HasSubstr;

/// The callback and its context: passes on a text, then its end or a failure.
struct Input {
  std::string text;
  HRESULT end = S_OK;
  std::size_t at = 0;

  static INT64 WINAPI read(void* context, void* buffer, std::size_t size) {
    auto& input = *static_cast<Input*>(context);
    const std::size_t count = std::min({size, input.text.size() - input.at, std::size_t{1000}});
    std::memcpy(buffer, input.text.data() + input.at, count);
    input.at += count;
    return count == 0 ? input.end : static_cast<INT64>(count);
  }
};

std::string error_text() {
  std::array<char, 4096> text{};
  std::size_t length = 0;
  EXPECT_RESULT(CimlibGetErrorTextUtf8(text.data(), text.size(), &length), S_OK);
  EXPECT_EQ(std::strlen(text.data()), length);
  return text.data();
}

class LayerCalls : public testing::Test {
 protected:
  /// A layer with its strings.
  struct Layer {
    std::string directory;
    std::string image;
    CIMLIB_LAYER paths() const {
      return {directory.c_str(), image.empty() ? nullptr : image.c_str()};
    }
  };

  Layer layer(std::string_view name) const { return {(store_ / name).string(), {}}; }

  static std::string sample() {
    return EntryBytes{.name = "Files", .type = '5'}.bytes() +
           EntryBytes{.name = "Files/a", .body = std::string(10'000, 'a')}.bytes() + end_marker();
  }

  static HRESULT import(const Layer& layer, Input input, const std::vector<Layer>& parents = {},
                        const CIMLIB_IMPORT_OPTIONS* options = nullptr,
                        CIMLIB_IMPORT_RESULT* result = nullptr) {
    std::vector<CIMLIB_LAYER> below;
    std::ranges::transform(parents, std::back_inserter(below), &Layer::paths);
    const CIMLIB_LAYER paths = layer.paths();
    return CimlibImportLayer(Input::read, &input, &paths, below.data(),
                             static_cast<UINT32>(below.size()), options, result);
  }

  static HRESULT destroy(const Layer& layer, UINT32* removed = nullptr) {
    const CIMLIB_LAYER paths = layer.paths();
    return CimlibDestroyLayer(&paths, 0, removed);
  }

  TemporaryDirectory directory_;
  std::filesystem::path store_ = directory_.path() / "store";
};

TEST_F(LayerCalls, ImportsFromACallback) {
  CIMLIB_IMPORT_RESULT result{};
  result.StructSize = sizeof result;
  const std::string tar = sample() + std::string(512, '\0');
  EXPECT_RESULT(import(layer("base"), {tar}, {}, nullptr, &result), S_OK);
  EXPECT_EQ(result.TarSize, tar.size());
  EXPECT_EQ(result.DiffId, "sha256:" + to_hex(Sha256::of(as_bytes(tar))));
  EXPECT_EQ(result.Entries, 2U);
  EXPECT_EQ(result.FileBytes, 10'000U);
  EXPECT_GE(result.StoredBytes, 10'000U);
  EXPECT_TRUE(layer::is_cim_layer(store_ / "base"));
  EXPECT_RESULT(import(layer("base"), {tar}), win32(ERROR_FILE_EXISTS));
  EXPECT_THAT(error_text(), HasSubstr("base.cim"));
}

TEST_F(LayerCalls, ImportsOnTopOfParentsWithExplicitPaths) {
  const Layer base = {(store_ / "s/1").string(), (store_ / "i/1.cim").string()};
  const Layer top = {(store_ / "s/2").string(), (store_ / "i/2.cim").string()};
  EXPECT_RESULT(import(base, {sample()}), S_OK);
  EXPECT_RESULT(import(top, {end_marker()}, {base}), S_OK);
  EXPECT_RESULT(import(layer("3"), {end_marker()}, {base}), E_INVALIDARG);
  EXPECT_THAT(error_text(), HasSubstr("must be in the directory of the new image"));
  EXPECT_RESULT(import(layer("3"), {end_marker()}, {layer("1")}), win32(ERROR_FILE_NOT_FOUND));
  CIMLIB_LAYER_USAGE usage{};
  usage.StructSize = sizeof usage;
  const CIMLIB_LAYER paths = top.paths();
  EXPECT_RESULT(CimlibGetLayerUsage(&paths, &usage), S_OK);
  EXPECT_GT(usage.Size, 0U);
  EXPECT_GT(usage.SharedSize, 10'000U);
  EXPECT_RESULT(destroy(base), win32(ERROR_SHARING_VIOLATION));
  UINT32 removed = 7;
  EXPECT_RESULT(CimlibDestroyImage(top.image.c_str(), 0, &removed), S_OK);
  EXPECT_EQ(removed, 1U);
  EXPECT_RESULT(destroy(base, &removed), S_OK);
  EXPECT_EQ(removed, 1U);
  EXPECT_RESULT(destroy(base, &removed), S_OK);
  EXPECT_EQ(removed, 0U);
}

TEST_F(LayerCalls, AnImportEndsWithTheResultOfTheCallback) {
  EXPECT_RESULT(import(layer("x"), {sample().substr(0, 2000), win32(ERROR_OPERATION_ABORTED)}),
                win32(ERROR_OPERATION_ABORTED));
  EXPECT_EQ(error_text(), "");
  const auto below_all_results = [](void*, void*, std::size_t) -> INT64 {
    return -(INT64{1} << 32);
  };
  const auto too_many = [](void*, void*, std::size_t size) -> INT64 {
    return static_cast<INT64>(size) + 1;
  };
  const Layer target = layer("x");
  const CIMLIB_LAYER paths = target.paths();
  EXPECT_RESULT(CimlibImportLayer(too_many, nullptr, &paths, nullptr, 0, nullptr, nullptr),
                E_INVALIDARG);
  EXPECT_RESULT(CimlibImportLayer(below_all_results, nullptr, &paths, nullptr, 0, nullptr, nullptr),
                E_UNEXPECTED);
  EXPECT_FALSE(std::filesystem::exists(store_));
}

TEST_F(LayerCalls, ImportsAsTheOptionsSay) {
  const std::string digest = "sha256:" + to_hex(Sha256::of(as_bytes(sample())));
  const std::string wrong = "sha256:" + std::string(64, '0');
  std::string warnings;
  CIMLIB_IMPORT_OPTIONS options{};
  options.StructSize = sizeof options;
  options.Flags = CIMLIB_IMPORT_REPRODUCIBLE | CIMLIB_IMPORT_PLAIN_EXECUTABLES;
  options.Warning = [](void* context, const char* text) {
    *static_cast<std::string*>(context) += text;
  };
  options.WarningContext = &warnings;
  options.DiffId = wrong.c_str();
  EXPECT_RESULT(import(layer("x"), {sample()}, {}, &options), win32(ERROR_FILE_CORRUPT));
  options.DiffId = digest.c_str();
  options.MaxSize = 9'999;
  EXPECT_RESULT(import(layer("x"), {sample()}, {}, &options), win32(ERROR_FILE_TOO_LARGE));
  options.MaxSize = 0;
  options.MaxEntries = 1;
  EXPECT_RESULT(import(layer("x"), {sample()}, {}, &options), win32(ERROR_FILE_TOO_LARGE));
  options.MaxEntries = 2;
  EXPECT_RESULT(import(layer("x"), {sample()}, {}, &options), S_OK);
  EXPECT_THAT(warnings, HasSubstr("no registry hives"));
}

TEST_F(LayerCalls, RefuseInvalidOptionsAndStructures) {
  CIMLIB_IMPORT_OPTIONS options{};
  EXPECT_RESULT(import(layer("x"), {sample()}, {}, &options), E_INVALIDARG);
  options.StructSize = sizeof options;
  options.Flags = 0x80;
  EXPECT_RESULT(import(layer("x"), {sample()}, {}, &options), E_INVALIDARG);
  options.Flags = 0;
  options.Reserved = 1;
  EXPECT_RESULT(import(layer("x"), {sample()}, {}, &options), E_INVALIDARG);
  CIMLIB_IMPORT_RESULT result{};
  result.StructSize = sizeof result + 8;
  EXPECT_RESULT(import(layer("x"), {sample()}, {}, nullptr, &result), E_INVALIDARG);
  CIMLIB_LAYER_USAGE usage{};
  const Layer target = layer("x");
  const CIMLIB_LAYER paths = target.paths();
  EXPECT_RESULT(CimlibGetLayerUsage(&paths, &usage), E_INVALIDARG);
  EXPECT_RESULT(CimlibGetLayerUsage(&paths, nullptr), E_POINTER);
  usage.StructSize = sizeof usage;
  EXPECT_RESULT(CimlibGetLayerUsage(&paths, &usage), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_FALSE(std::filesystem::exists(store_));
}

/// Each function with a layer or path that is invalid.
TEST_F(LayerCalls, RefuseInvalidPaths) {
  const std::string endless(40'000, 'x');
  Input input = {sample()};
  for (const char* const wrong : {static_cast<const char*>(nullptr), "", endless.c_str()}) {
    const CIMLIB_LAYER named = {wrong, nullptr};
    CIMLIB_LAYER_USAGE usage{};
    usage.StructSize = sizeof usage;
    std::array<char, 16> buffer{};
    std::size_t length = 7;
    UINT32 count = 7;
    for (const CIMLIB_LAYER* const layer : {static_cast<const CIMLIB_LAYER*>(nullptr), &named}) {
      EXPECT_RESULT(CimlibImportLayer(Input::read, &input, layer, nullptr, 0, nullptr, nullptr),
                    E_INVALIDARG);
      EXPECT_RESULT(CimlibDestroyLayer(layer, 0, &count), E_INVALIDARG);
      EXPECT_EQ(count, 0U);
      EXPECT_RESULT(CimlibGetLayerUsage(layer, &usage), E_INVALIDARG);
      EXPECT_RESULT(CimlibMountLayer(layer, "id", buffer.data(), buffer.size(), &length),
                    E_INVALIDARG);
      EXPECT_EQ(length, 0U);
      EXPECT_RESULT(CimlibUnmountLayer(layer, "id"), E_INVALIDARG);
      EXPECT_RESULT(CimlibWriteLayerChain(layer, nullptr, 0), E_INVALIDARG);
    }
    EXPECT_RESULT(CimlibDestroyImage(wrong, 0, &count), E_INVALIDARG);
    EXPECT_RESULT(CimlibReadLayerChain(wrong, buffer.data(), buffer.size(), &length, &count),
                  E_INVALIDARG);
    const Layer good = layer("x");
    const CIMLIB_LAYER paths = good.paths();
    EXPECT_RESULT(CimlibImportLayer(Input::read, &input, &paths, &named, 1, nullptr, nullptr),
                  E_INVALIDARG);
    EXPECT_RESULT(CimlibWriteLayerChain(&paths, &wrong, 1), E_INVALIDARG);
    EXPECT_RESULT(CimlibMountLayer(&paths, wrong, buffer.data(), buffer.size(), &length),
                  E_INVALIDARG);
    EXPECT_RESULT(CimlibUnmountLayer(&paths, wrong), E_INVALIDARG);
    if (wrong != nullptr) {  // NULL is the default image
      const CIMLIB_LAYER image = {"x", wrong};
      EXPECT_RESULT(CimlibDestroyLayer(&image, 0, nullptr), E_INVALIDARG);
    }
  }
  EXPECT_FALSE(std::filesystem::exists(store_));
}

TEST_F(LayerCalls, RefuseNullPointers) {
  const Layer target = layer("x");
  const CIMLIB_LAYER paths = target.paths();
  Input input = {sample()};
  EXPECT_RESULT(CimlibImportLayer(nullptr, &input, &paths, nullptr, 0, nullptr, nullptr),
                E_POINTER);
  EXPECT_RESULT(CimlibImportLayer(Input::read, &input, &paths, nullptr, 1, nullptr, nullptr),
                E_INVALIDARG);
  EXPECT_RESULT(
      CimlibImportLayer(Input::read, &input, &paths, &paths, 0xFFFFFFFF, nullptr, nullptr),
      E_INVALIDARG);
  EXPECT_RESULT(CimlibWriteLayerChain(&paths, nullptr, 1), E_INVALIDARG);
  EXPECT_RESULT(CimlibMountLayer(&paths, "id", nullptr, 0, nullptr), E_POINTER);
  std::size_t length = 0;
  UINT32 count = 0;
  EXPECT_RESULT(CimlibReadLayerChain("x", nullptr, 0, nullptr, &count), E_POINTER);
  EXPECT_RESULT(CimlibReadLayerChain("x", nullptr, 0, &length, nullptr), E_POINTER);
  EXPECT_RESULT(CimlibGetErrorTextUtf8(nullptr, 0, nullptr), E_POINTER);
}

TEST_F(LayerCalls, ReadAndWriteTheLayerChain) {
  const Layer top = layer("top");
  const CIMLIB_LAYER paths = top.paths();
  const std::array<const char*, 2> parents = {"/a/\u00e9", "/b"};
  EXPECT_RESULT(CimlibWriteLayerChain(&paths, parents.data(), 2), win32(ERROR_FILE_NOT_FOUND));
  std::filesystem::create_directories(top.directory);
  std::array<char, 64> buffer{};
  std::size_t length = 0;
  UINT32 count = 0;
  EXPECT_RESULT(CimlibReadLayerChain(top.directory.c_str(), buffer.data(), 64, &length, &count),
                win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimlibWriteLayerChain(&paths, parents.data(), 2), S_OK);
  EXPECT_RESULT(CimlibReadLayerChain(top.directory.c_str(), buffer.data(), 64, &length, &count),
                S_OK);
  const std::string expected = std::string(parents[0]) + '\0' + parents[1] + '\0';
  EXPECT_EQ(std::string(buffer.data(), length), expected);
  EXPECT_EQ(count, 2U);
  EXPECT_RESULT(
      CimlibReadLayerChain(top.directory.c_str(), buffer.data(), length - 1, &length, &count),
      win32(ERROR_INSUFFICIENT_BUFFER));
  EXPECT_EQ(length, expected.size());
  EXPECT_EQ(count, 2U);
  EXPECT_RESULT(CimlibReadLayerChain(top.directory.c_str(), nullptr, 0, &length, &count),
                win32(ERROR_INSUFFICIENT_BUFFER));
  EXPECT_RESULT(CimlibWriteLayerChain(&paths, nullptr, 0), S_OK);
  EXPECT_RESULT(CimlibReadLayerChain(top.directory.c_str(), nullptr, 0, &length, &count), S_OK);
  EXPECT_EQ(count, 0U);
  std::ofstream(top.directory + "/layerchain.json") << "[1]";
  EXPECT_RESULT(CimlibReadLayerChain(top.directory.c_str(), nullptr, 0, &length, &count),
                win32(ERROR_FILE_CORRUPT));
  EXPECT_THAT(error_text(), HasSubstr("layerchain.json: element 0"));
}

TEST_F(LayerCalls, TheErrorTextIsCompleteOrNotGiven) {
  EXPECT_RESULT(import(layer("x"), {"no tar"}), win32(ERROR_FILE_CORRUPT));
  const std::string text = error_text();
  EXPECT_THAT(text, HasSubstr("input"));
  std::vector<char> buffer(text.size());
  std::size_t length = 0;
  EXPECT_RESULT(CimlibGetErrorTextUtf8(buffer.data(), buffer.size(), &length),
                win32(ERROR_INSUFFICIENT_BUFFER));
  EXPECT_EQ(length, text.size());
  EXPECT_EQ(error_text(), text);
}

TEST_F(LayerCalls, MountForAContainer) {
  const Layer base = layer("base");
  const CIMLIB_LAYER paths = base.paths();
  const std::string id = "layer-calls-" + store_.parent_path().filename().string();
  std::array<char, 1024> mount_point{};
  std::size_t length = 0;
  const auto mount = [&](std::size_t size) {
    return CimlibMountLayer(&paths, id.c_str(), mount_point.data(), size, &length);
  };
  EXPECT_NE(hex(mount(1024)), hex(S_OK));  // there is no such layer
  EXPECT_RESULT(import(base, {sample()}), S_OK);
  if (const HRESULT result = mount(1024); result != S_OK) {
    GTEST_SKIP() << "cannot mount here: " << error_text();
  }
  const std::size_t needed = length;
  EXPECT_EQ(std::strlen(mount_point.data()), needed);
  EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(mount_point.data()) / "Files/a"));
  EXPECT_RESULT(mount(1024), win32(ERROR_FILE_EXISTS));
  EXPECT_RESULT(destroy(base), win32(ERROR_SHARING_VIOLATION));
  EXPECT_RESULT(CimlibDestroyImage(layer::cim_path(base.directory).string().c_str(), 0, nullptr),
                win32(ERROR_SHARING_VIOLATION));
  EXPECT_THAT(error_text(), HasSubstr("it is mounted at"));
  EXPECT_RESULT(CimlibUnmountLayer(&paths, id.c_str()), S_OK);
  EXPECT_RESULT(CimlibUnmountLayer(&paths, id.c_str()), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(mount(needed), win32(ERROR_INSUFFICIENT_BUFFER));
  EXPECT_EQ(length, needed);
  EXPECT_RESULT(CimlibUnmountLayer(&paths, id.c_str()), win32(ERROR_FILE_NOT_FOUND));
}

}  // namespace
}  // namespace cim::test
