// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "cimlib/app_package.h"
#include "cimlib/error.h"
#include "cimlib/security_descriptor.h"

namespace cim::test {
namespace {

// Pairs that every Windows installation shows.
TEST(PublisherId, OfKnownPublishers) {
  EXPECT_EQ(appx::publisher_id(
                "CN=Microsoft Corporation, O=Microsoft Corporation, L=Redmond, S=Washington, C=US"),
            "8wekyb3d8bbwe");
  EXPECT_EQ(appx::publisher_id(
                "CN=Microsoft Windows, O=Microsoft Corporation, L=Redmond, S=Washington, C=US"),
            "cw5n1h2txyewy");
  EXPECT_EQ(appx::publisher_id("CN=082E9164-EE6C-4EC8-B62C-441FAE7BEFA1"), "n80bbvh6b1yt2");
}

TEST(PublisherId, RefusesTextThatIsNotUtf8) {
  EXPECT_THROW(appx::publisher_id("\xFF"), Error);
}

TEST(Identity, Names) {
  const appx::Identity identity = {.name = "Microsoft.WindowsCalculator",
                                   .publisher =
                                       "CN=Microsoft Corporation, O=Microsoft "
                                       "Corporation, L=Redmond, S=Washington, C=US",
                                   .version = "11.2401.0.0",
                                   .architecture = "x64",
                                   .resource_id = ""};
  EXPECT_EQ(identity.full_name(), "Microsoft.WindowsCalculator_11.2401.0.0_x64__8wekyb3d8bbwe");
  EXPECT_EQ(identity.family_name(), "Microsoft.WindowsCalculator_8wekyb3d8bbwe");
}

TEST(WindowsAppsSddl, IsWhatItsDescriptorPrints) {
  const std::string sddl(appx::windows_apps_sddl());
  EXPECT_EQ(SecurityDescriptor::from_sddl(sddl).to_sddl(), sddl);
}

TEST(InheritedSddl, PassesOnWhatInherits) {
  const std::string_view sddl = "O:SYD:P(A;OICI;FA;;;SY)(A;CINP;FA;;;BA)(A;OINP;FA;;;BU)";
  EXPECT_EQ(appx::inherited_sddl(sddl, true), "O:SYD:AI(A;OICIID;FA;;;SY)(A;ID;FA;;;BA)");
  EXPECT_EQ(appx::inherited_sddl(sddl, false), "O:SYD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BU)");
}

}  // namespace
}  // namespace cim::test
