// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/layer_chain.h"

#include <thread>
#include <type_traits>

#include <gmock/gmock.h>

#include "cimlib/layer_writer.h"

#include "expect_error.h"
#include "layer/chain_document.h"
#include "layer_test.h"
#include "os/directory_lock.h"

namespace cim::layer {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using Paths = std::vector<std::filesystem::path>;

// "/" or "C:/".
const std::string kRoot = std::filesystem::current_path().root_path().generic_string();

class LayerChain : public test::LayerTest {
 protected:
  LayerChain() { std::filesystem::create_directories(layer("7")); }

  std::filesystem::path file() const { return layer("7") / "layerchain.json"; }

  void write(std::string_view text) const { std::ofstream(file(), std::ios::binary) << text; }

  void make(std::string_view name, const std::vector<LayerPaths>& parents = {}) const {
    LayerWriter(layer(name), parents).close();
  }
};

TEST_F(LayerChain, IsReadAndWritten) {
  EXPECT_EQ(read_layer_chain(layer("7")), std::nullopt);
  const Paths parents = {layer("6"), layer("\u00e9 \"5\"")};
  write_layer_chain(layer("7"), parents);
  EXPECT_THAT(read_layer_chain(layer("7")), Optional(parents));
  write_layer_chain(layer("7"), {});
  EXPECT_EQ(test::read_file(file()), "[]");
  EXPECT_THAT(read_layer_chain(layer("7")), Optional(IsEmpty()));
  EXPECT_THAT(files_below(layer("7")), ElementsAre("layerchain.json"));
}

TEST_F(LayerChain, HasAbsolutePaths) {
  write_layer_chain(layer("7"), {"some/../layer"});
  EXPECT_THAT(read_layer_chain(layer("7")),
              Optional(ElementsAre(std::filesystem::current_path() / "some/../layer")));
}

TEST_F(LayerChain, MayBeNullOrHaveSpaces) {
  write("null\n");
  EXPECT_THAT(read_layer_chain(layer("7")), Optional(IsEmpty()));
  write(" [ \"" + kRoot + "a\",\r\n\t\"" + kRoot + "b\" ] ");
  EXPECT_THAT(read_layer_chain(layer("7")), Optional(ElementsAre(kRoot + "a", kRoot + "b")));
}

TEST_F(LayerChain, OtherDocumentsAreCorrupt) {
  for (const auto& [text, words] : std::vector<std::pair<std::string, std::string>>{
           {"", "not valid JSON"},
           {"[", "not valid JSON"},
           {"[\"" + kRoot + "a\"] x", "not valid JSON"},
           {"[\"" + kRoot + "\xFF\"]", "not valid JSON"},
           {"{}", "is not an array of paths"},
           {"\"" + kRoot + "a\"", "is not an array of paths"},
           {"[\"" + kRoot + "a\", 1]", "element 1 of the array is not a string"},
           {"[[]]", "element 0 of the array is not a string"},
           {"[null]", "element 0 of the array is not a string"},
           {"[\"\"]", "element 0 of the array is not an absolute path"},
           {"[\"a\"]", "element 0 of the array is not an absolute path"},
           {"[\"" + kRoot + "a\\u0000b\"]", "element 0 of the array has a NUL"},
           {"[\"" + kRoot + "a\", \"" + kRoot + "b\", \"" + kRoot + "\\u0061\"]",
            "element 2 of the array repeats"}}) {
    write(text);
    expect_error(ErrorCode::kCorrupt, words, [&] { read_layer_chain(layer("7")); });
    expect_error(ErrorCode::kCorrupt, "7/layerchain.json: ", [&] { read_layer_chain(layer("7")); });
  }
}

TEST_F(LayerChain, IsBoundedInSize) {
  write("[" + std::string(std::size_t{1} << 20, ' ') + "]");
  expect_error(ErrorCode::kLimit, "layerchain.json", [&] { read_layer_chain(layer("7")); });
}

TEST_F(LayerChain, RefusesInvalidParents) {
  expect_error(ErrorCode::kInvalidArgument, "listed twice", [&] {
    write_layer_chain(layer("7"), {layer("a"), layer("a")});
  });
  expect_error(ErrorCode::kInvalidArgument, "empty path",
               [&] { write_layer_chain(layer("7"), {""}); });
  expect_error(ErrorCode::kNotFound, "nowhere",
               [&] { write_layer_chain(layer("nowhere"), {layer("a")}); });
  if (std::is_same_v<std::filesystem::path::value_type, char>) {  // paths are any bytes
    expect_error(ErrorCode::kInvalidArgument, "is not UTF-8",
                 [&] { write_layer_chain(layer("7"), {"/\xFF"}); });
  }
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(LayerChain, IsDestroyedWithTheLayerThatItWasWrittenFor) {
  make("base");
  make("child", {layer("base")});
  write_layer_chain(layer("child"), {layer("base")});
  write_layer_chain(layer("child"), {layer("base"), layer("other")});
  EXPECT_TRUE(destroy(layer("child")));
  EXPECT_FALSE(std::filesystem::exists(layer("child")));
}

TEST_F(LayerChain, WaitsForOthers) {
  make("7");
  for (const auto& directory : {cim_dir(layer("7")), layer("7")}) {
    const DirectoryLock lock(directory);
    expect_error(ErrorCode::kBusy, directory.filename().string(),
                 [&] { write_layer_chain(layer("7"), {}, std::chrono::milliseconds(0)); });
  }
}

// Files are staged beside the image.
TEST_F(LayerChain, IsWrittenBesideTheCollectionOfGarbage) {
  constexpr int kRounds = 50;
  make("7");
  const LockTimeout patient = std::chrono::minutes(2);
  const std::jthread collector([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      (void)collect_garbage(cim_dir(layer("7")), patient);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    EXPECT_NO_THROW(write_layer_chain(layer("7"), {}, patient));
  }
}

TEST_F(LayerChain, OfAnotherProgramIsKept) {
  write("null");
  make("7");
  EXPECT_EQ(test::read_file(file()), "null");
  EXPECT_TRUE(destroy(layer("7")));
  EXPECT_THAT(files_below(layer("7")), ElementsAre("layerchain.json"));
  make("7");
  write_layer_chain(layer("7"), {layer("6")});
  write("[]");  // a change by another program
  EXPECT_TRUE(destroy(layer("7")));
  EXPECT_THAT(files_below(layer("7")), ElementsAre("layerchain.json"));
}

TEST_F(LayerChain, IsDestroyedWithALayerOfExplicitPaths) {
  const LayerPaths layer = {store_ / "snapshots" / "1", store_ / "images" / "1.cim"};
  LayerWriter(layer, {}).close();
  write_layer_chain(layer, {});
  EXPECT_TRUE(destroy(layer));
  EXPECT_FALSE(std::filesystem::exists(layer.layer));
}

}  // namespace
}  // namespace cim::layer
