// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/block_map.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "os/base64.h"
#include "os/crypto.h"

namespace cim::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string file_element(const std::string& name, ByteView data) {
  std::string text = fmt::format(R"(<File Name="{}" Size="{}">)", name, data.size());
  while (!data.empty()) {
    const ByteView block = data.first(std::min(data.size(), appx::kBlockSize));
    std::string digest;
    append_base64(digest, Sha256::of(block));
    text += fmt::format(R"(<Block Hash="{}"/>)", digest);
    data = data.subspan(block.size());
  }
  return text + "</File>";
}

std::string document(const std::string& files) {
  return R"(<BlockMap xmlns="x" HashMethod="http://www.w3.org/2001/04/xmlenc#sha256">)" + files +
         "</BlockMap>";
}

appx::BlockMap read(const std::string& text, std::size_t piece = 1000) {
  appx::BlockMapReader reader("map");
  for (std::size_t at = 0; at < text.size(); at += piece) {
    reader.feed(as_bytes(std::string_view(text).substr(at, piece)));
  }
  return reader.finish();
}

// Returns the numbers of the blocks that differ.
std::vector<std::uint64_t> differences(const appx::BlockMap& map, const Bytes& data,
                                       std::size_t piece) {
  std::vector<std::uint64_t> blocks;
  appx::Digest digest(map.method);
  appx::BlockVerifier verifier(map, digest, [&](std::uint64_t block) { blocks.push_back(block); });
  verifier.begin(*map.files.find("a"));
  for (std::size_t at = 0; at < data.size(); at += piece) {
    verifier.add(ByteView(data).subspan(at, std::min(piece, data.size() - at)));
  }
  verifier.finish();
  return blocks;
}

TEST(BlockMap, ArrivesInPieces) {
  const Bytes data(3 * appx::kBlockSize + 1, std::byte{7});
  const std::string text = document(file_element("a", data) + file_element("b\\c", {}));
  for (const std::size_t piece : {std::size_t{1}, std::size_t{17}, text.size()}) {
    const appx::BlockMap map = read(text, piece);
    ASSERT_EQ(map.files.all().size(), 2U);
    EXPECT_EQ(map.files.find("a")->size, data.size());
    EXPECT_EQ(map.files.find("b\\c")->size, 0U);
    EXPECT_EQ(map.files.find("c"), nullptr);
    EXPECT_EQ(map.digests.size(), 4 * 32U);
  }
}

TEST(BlockVerifier, FindsBlocksThatDiffer) {
  Bytes data(3 * appx::kBlockSize + 1, std::byte{7});
  const appx::BlockMap map = read(document(file_element("a", data)));
  for (const std::size_t piece : {std::size_t{1000}, appx::kBlockSize, data.size()}) {
    EXPECT_THAT(differences(map, data, piece), ElementsAre());
  }
  data[0] = std::byte{8};
  data.back() = std::byte{8};
  for (const std::size_t piece : {std::size_t{1000}, appx::kBlockSize, data.size()}) {
    EXPECT_THAT(differences(map, data, piece), ElementsAre(0, 3));
  }
}

TEST(BlockMap, UnknownElementsAreIgnored) {
  EXPECT_EQ(
      read(document("<New><File Name='x'/></New>" + file_element("a", {}))).files.all().size(), 1U);
}

TEST(BlockMap, AFaultNamesTheDocument) {
  try {
    read(document(R"(<File Name="a" Size="1"/>)"));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
    EXPECT_THAT(error.what(), HasSubstr("map: the file a has 0 blocks, but 1 bytes"));
  }
}

}  // namespace
}  // namespace cim::test
