// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "cimlib/error.h"
#include "cimlib/mount.h"

#include "expect_error.h"

namespace cim::mount {
namespace {

TEST(MountOptions, ParsesEveryOption) {
  const Options options = parse_options(
      "allow_other,uid=12,gid=34,umask=027,streams_interface=windows,threads=3,noexec");
  EXPECT_EQ(options.access, Access::kEveryone);
  EXPECT_EQ(options.user, 12U);
  EXPECT_EQ(options.group, 34U);
  EXPECT_EQ(options.umask, 027U);
  EXPECT_EQ(options.streams, StreamNames::kPaths);
  EXPECT_EQ(options.threads, 3U);
  EXPECT_FALSE(options.allow_execution);
  EXPECT_FALSE(options.names);
  EXPECT_EQ(parse_options("case_sensitive").names, NameMatch::kExact);
  EXPECT_EQ(parse_options("case_sensitive,ignore_case").names, NameMatch::kIgnoringCase);
  EXPECT_EQ(parse_options("writable=/a b").upper, "/a b");
  EXPECT_EQ(parse_options("").backend, BackendChoice::kFuse);
  EXPECT_EQ(parse_options("backend=erofs,cache=/c").backend, BackendChoice::kErofs);
  EXPECT_EQ(parse_options("backend=auto,cache=/c").cache, "/c");
}

TEST(MountOptions, KeepsOptionsThatAreNotMentioned) {
  const Options options = parse_options("uid=1", {.umask = 022});
  EXPECT_EQ(options.umask, 022U);
  EXPECT_EQ(options.user, 1U);
  EXPECT_FALSE(options.group);
}

TEST(MountOptions, IgnoresOptionsOfOtherPrograms) {
  EXPECT_EQ(
      parse_options(",ro,,defaults,nosuid,nodev,noatime,x-systemd.automount=1,_netdev").threads,
      0U);
}

TEST(MountOptions, RejectsUnknownAndInvalidOptions) {
  for (const auto* const text :
       {"rw", "uid", "uid=", "uid=-1", "uid=4294967295", "umask=8", "umask=1000", "color=red",
        "streams_interface=openxattr", "threads=257", "gid=1x", "allow_root", "backend=ntfs"}) {
    test::expect_error(ErrorCode::kInvalidArgument, "option ", [&] { parse_options(text); });
  }
}

}  // namespace
}  // namespace cim::mount
