// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/mount_helper.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cim::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(MountHelper, RunsIfTheProgramIsCalledMountCim) {
  EXPECT_TRUE(is_mount_helper("mount.cim"));
  EXPECT_TRUE(is_mount_helper("/sbin/mount.cim"));
  EXPECT_FALSE(is_mount_helper("/usr/bin/cim"));
  EXPECT_FALSE(is_mount_helper("/mount.cim/cim"));
}

TEST(MountHelper, AcceptsTheArgumentsOfMount) {
  EXPECT_THAT(mount_arguments({"7.cim", "/mnt", "-o", "rw"}),
              ElementsAre("mount", "--", "7.cim", "/mnt"));
  EXPECT_THAT(mount_arguments({"7.cim", "/mnt", "-v", "-o", "ro,rw,noexec", "-t", "cim"}),
              ElementsAre("mount", "--verbose", "--options=ro,noexec", "--", "7.cim", "/mnt"));
  EXPECT_THAT(mount_arguments({"-snoumask=022", "7.cim", "/mnt", "-o", "uid=1"}),
              ElementsAre("mount", "--options=umask=022,uid=1", "--", "7.cim", "/mnt"));
}

TEST(MountHelper, DoesNothingWithTheFakeOption) {
  EXPECT_THAT(mount_arguments({"7.cim", "/mnt", "-fn"}), IsEmpty());
}

TEST(MountHelper, RefusesOtherUses) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"7.cim"},
                                             {"7.cim", "/mnt", "more"},
                                             {"7.cim", "/mnt", "-x"},
                                             {"7.cim", "/mnt", "-o"},
                                             {"7.cim", "/mnt", "-N", "/proc/1/ns/mnt"}}) {
    EXPECT_THROW(mount_arguments(arguments), UsageError);
  }
}

}  // namespace
}  // namespace cim::cli
