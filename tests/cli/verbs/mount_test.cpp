// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The verbs around mounting, run in this process.
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cimlib/image_writer.h"
#include "cimlib/layer_mount.h"

#include "cli/run_cim.h"
#include "temporary_directory.h"

namespace cim::cli::test {
namespace {

using testing::HasSubstr;

TEST(MountVerb, RequiresAMountPointOrAContainer) {
  EXPECT_EQ(run_cim({"mount", "7.cim"}).status, kUsage);
  EXPECT_EQ(run_cim({"mount", "7.cim", "/mnt", "--container", "a"}).status, kUsage);
  EXPECT_EQ(run_cim({"mount", "7.cim", "-f", "--container", "a"}).status, kUsage);
  EXPECT_EQ(run_cim({"umount"}).status, kUsage);
  EXPECT_EQ(run_cim({"cleanup"}).status, kUsage);
}

class MountVerbs : public testing::Test {
 protected:
  void SetUp() override {
    const int fuse = ::open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (fuse < 0) {
      GTEST_SKIP() << "/dev/fuse cannot be opened";
    }
    ::close(fuse);
    if (::geteuid() != 0) {
      GTEST_SKIP() << "only root has a place for volumes for sure";
    }
    ImageWriter writer(image_);
    writer.add(ImagePath::parse("file"), {}, 0);
    writer.commit();
    std::filesystem::create_directory(place_);
  }

  void TearDown() override {
    run_cim({"umount", "--lazy", place_});
    run_cim({"cleanup", "--lazy", id()});
  }

  std::string id() const { return directory_.path().string(); }

  /// Returns what `cim mounts` lists for the image.
  nlohmann::json listed() const {
    auto found = nlohmann::json::array();
    for (const auto& mount : nlohmann::json::parse(run_cim({"mounts", "--json"}).output)) {
      if (mount["image"] == image_) {
        found.push_back(mount);
      }
    }
    return found;
  }

  cim::test::TemporaryDirectory directory_;
  std::string image_ = (std::filesystem::canonical(directory_.path()) / "a.cim").string();
  std::string place_ = (std::filesystem::canonical(directory_.path()) / "place").string();
};

TEST_F(MountVerbs, MountForAContainerAndPrintThePath) {
  const Outcome outcome = run_cim({"mount", "--container", id(), image_});
  EXPECT_EQ(outcome.status, kSuccess) << outcome.errors;
  const std::string guid = layer::volume_id(id()).to_string();
  const std::string where = "/run/cimlib/volumes/" + guid + "/mount";
  EXPECT_EQ(outcome.output, where + "\n");
  EXPECT_TRUE(std::filesystem::exists(where + "/file"));
  ASSERT_EQ(listed().size(), 1U);
  EXPECT_EQ(listed()[0], (nlohmann::json{{"image", image_},
                                         {"mount_point", where},
                                         {"backend", "fuse"},
                                         {"server", "running"},
                                         {"volume", guid}}));
  const Outcome again = run_cim({"mount", "--container", id(), image_});
  EXPECT_EQ(again.status, kFailure);
  EXPECT_THAT(again.errors, HasSubstr(where));
  EXPECT_EQ(run_cim({"umount", "--container", id(), place_}).status, kFailure);
  EXPECT_EQ(run_cim({"umount", "--container", id()}).status, kSuccess);
  EXPECT_TRUE(listed().empty());
}

TEST_F(MountVerbs, PrintJson) {
  const Outcome outcome = run_cim({"mount", "--json", image_, place_});
  EXPECT_EQ(nlohmann::json::parse(outcome.output),
            (nlohmann::json{{"image", image_}, {"mount_point", place_}, {"backend", "fuse"}}));
  EXPECT_THAT(run_cim({"mounts"}).output, HasSubstr(image_ + " on " + place_ + " (fuse)\n"));
}

TEST_F(MountVerbs, UnmountByImageIfItIsMountedOnce) {
  EXPECT_THAT(run_cim({"umount", image_}).errors, HasSubstr("not mounted"));
  run_cim({"mount", image_, place_});
  EXPECT_EQ(run_cim({"umount", image_}).status, kSuccess);
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(run_cim({"mount", image_, place_}).errors, "");
  EXPECT_EQ(run_cim({"mount", image_, "--container", id()}).errors, "");
  EXPECT_THAT(run_cim({"umount", image_}).errors, HasSubstr("give the mount point"));
  EXPECT_EQ(run_cim({"umount", image_, "--container", id()}).status, kSuccess);
  EXPECT_EQ(listed().size(), 1U);
}

TEST_F(MountVerbs, CleanUpWithOrWithoutAMount) {
  EXPECT_EQ(run_cim({"cleanup", id()}).status, kSuccess);
  EXPECT_EQ(run_cim({"umount", "--container", id()}).status, kFailure);
  run_cim({"mount", image_, "-c", id()});
  EXPECT_EQ(run_cim({"cleanup", id()}).status, kSuccess);
  EXPECT_TRUE(listed().empty());
}

TEST_F(MountVerbs, AcceptCaseSensitive) {
  EXPECT_EQ(run_cim({"mount", "-o", "case_sensitive", image_, place_}).status, kSuccess);
  EXPECT_TRUE(std::filesystem::exists(place_ + "/file"));
  EXPECT_FALSE(std::filesystem::exists(place_ + "/FILE"));
  EXPECT_EQ(run_cim({"umount", place_}).status, kSuccess);
  run_cim({"mount", image_, place_});
  EXPECT_TRUE(std::filesystem::exists(place_ + "/FILE"));
}

}  // namespace
}  // namespace cim::cli::test
