// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Pins the bytes of the sample image: any change of the output must be intended.

#include <gtest/gtest.h>

#include "image/read/region_files.h"
#include "image/sample_image.h"
#include "os/crypto.h"
#include "os/file.h"
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
       "6990dcebf6c27147b76f08366677545b5232d52eeae7f209a870ebd9c196e772"},
      {object_id_file_name(test::kSampleGuid, 1),
       "207e7e5fa28b507243847b156bf855f40290b3aa28a5b0ff788fa5eb86e91085"},
      {object_id_file_name(test::kSampleGuid, 2),
       "9c737dbad12d4a8d05ae1bb2c8604942fb1f1a70f9ac06641c33d30ccccdd6dc"},
  };
  for (const GoldenFile& file : golden) {
    const Bytes bytes = read_whole_file(directory.path() / file.name, 1 << 24);
    EXPECT_EQ(to_hex(Sha256::of(bytes)), file.sha256) << file.name;
  }
}

}  // namespace
}  // namespace cim
