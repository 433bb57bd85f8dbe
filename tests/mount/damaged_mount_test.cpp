// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Mounts of images with each kind of damage: the image is rejected, or every file can be accessed,
// if with an error.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "image/damage.h"
#include "mount/mounted_image.h"
#include "mount/mounted_tree.h"

namespace cim::mount {
namespace {

using test::Damage;
using test::MountedImage;
using test::Specimen;
using test::Visitor;

class DamagedMount : public testing::TestWithParam<Damage> {};

TEST_P(DamagedMount, IsRejectedOrReportsItsDamage) {
  if (const auto reason = test::reason_not_to_mount()) {
    GTEST_SKIP() << *reason;
  }
  static const Specimen sound;
  MountedImage mounted(GetParam().image, [](const std::filesystem::path& directory) {
    Specimen specimen = sound;
    GetParam().apply(specimen);
    specimen.write(directory);
  });
  if (mounted.failed()) {
    EXPECT_THROW(mounted.join(), Error);
    return;
  }
  Visitor visitor;
  visitor.visit(mounted.root().string());
  Visitor again;  // now from the caches of the kernel and the server
  again.visit(mounted.root().string());
  EXPECT_FALSE(visitor.failures() != 0 && mounted.warnings().empty()) << "damage without a warning";
}

std::string name_of(const testing::TestParamInfo<Damage>& damage) {
  return std::string(damage.param.name);
}

INSTANTIATE_TEST_SUITE_P(Header, DamagedMount, testing::ValuesIn(test::header_damages()), name_of);
INSTANTIATE_TEST_SUITE_P(Metadata, DamagedMount, testing::ValuesIn(test::metadata_damages()),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Names, DamagedMount, testing::ValuesIn(test::name_damages()), name_of);
INSTANTIATE_TEST_SUITE_P(Objects, DamagedMount, testing::ValuesIn(test::object_damages()), name_of);

}  // namespace
}  // namespace cim::mount
