// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Pins the bytes of the sample image: any change of the output must be intended.

#include <gtest/gtest.h>

#include "image/read/region_files.h"
#include "image/sample_image.h"
#include "os/file.h"
#include "os/sha256.h"
#include "temporary_directory.h"

namespace cim {
namespace {

struct GoldenFile {
  std::string name;
  std::string sha256;
};

TEST(GoldenImage, HasTheRecordedBytes) {
  const test::TemporaryDirectory directory;
  test::write_sample_image(directory.path() / "sample.cim");
  const GoldenFile golden[] = {
      {"sample.cim", "4ade9aa6d038036223290a956c633a9f017b9203a94d64907cdf4ddc94f5a650"},
      {region_file_name(test::kSampleGuid, 0),
       "0fc0e55763d48628ca66e1d0b9368ae5baf67b30ae22a6e3e8934be27b4b0095"},
      {region_file_name(test::kSampleGuid, 1),
       "a27084984709edc6e9a4e98de843a8c813ee48b1814f2a821fde383b0f867e29"},
      {region_file_name(test::kSampleGuid, 2),
       "e87883923854481f4018e455904a7daafd5bd4f174b2fa1619e41bf447fa0646"},
      {object_id_file_name(test::kSampleGuid, 0),
       "97169b15bf0e718d7c53be1a3d1d1ac558865b01949d92d109032067f7627155"},
      {object_id_file_name(test::kSampleGuid, 1),
       "2b04ef7c06e7ef16838d1580a39bbf5562f10d6125dd804780c03fec84d9dee0"},
      {object_id_file_name(test::kSampleGuid, 2),
       "639b460659ae4c7e0c2d8689f90c97833a831cfe850f8e83a726842b9e2ffd24"},
  };
  for (const GoldenFile& file : golden) {
    const Bytes bytes = read_whole_file(directory.path() / file.name, 1 << 24);
    EXPECT_EQ(to_hex(Sha256::of(bytes)), file.sha256) << file.name;
  }
}

}  // namespace
}  // namespace cim
