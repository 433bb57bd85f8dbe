// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/manifest.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/error.h"

namespace cim::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kManifest = R"(<?xml version="1.0"?>
<Package xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10"
         xmlns:uap="http://schemas.microsoft.com/appx/manifest/uap/windows10">
  <Identity Name="Contoso.Tool" Publisher="CN=A &amp; B" Version="1.20.300.65535"/>
  <Properties>
    <DisplayName>ms-resource:Name</DisplayName>
    <Framework>true</Framework>
    <uap:Other><DisplayName>no</DisplayName></uap:Other>
  </Properties>
  <Applications>
    <Application Id="A" Executable="bin\a.exe" EntryPoint="Windows.FullTrustApplication">
      <uap:VisualElements DisplayName="x"/>
    </Application>
    <Application Id="B"/>
  </Applications>
</Package>)";

TEST(Manifest, IsRead) {
  const appx::PackageInfo info = appx::parse_manifest(as_bytes(kManifest), "manifest");
  EXPECT_EQ(info.identity.name, "Contoso.Tool");
  EXPECT_EQ(info.identity.publisher, "CN=A & B");
  EXPECT_EQ(info.identity.version, "1.20.300.65535");
  EXPECT_EQ(info.identity.architecture, "neutral");
  EXPECT_EQ(info.display_name, "ms-resource:Name");
  EXPECT_TRUE(info.is_framework);
  EXPECT_FALSE(info.is_resource);
  ASSERT_EQ(info.applications.size(), 2U);
  EXPECT_EQ(info.applications[0].executable, "bin\\a.exe");
  EXPECT_EQ(info.applications[1].entry_point, "");
}

appx::BundledPackage application(std::string architecture) {
  return {.file_name = architecture + ".msix",
          .is_resource = false,
          .version = "1.0.0.0",
          .architecture = std::move(architecture),
          .resource_id = "",
          .languages = {"en-US"},
          .scales = {}};
}

std::vector<std::string> chosen(const appx::BundleManifest& manifest,
                                const appx::BundleChoice& choice) {
  std::vector<std::string> names;
  for (const appx::BundledPackage& package : appx::chosen_packages(manifest, choice, "bundle")) {
    names.push_back(package.file_name);
  }
  return names;
}

TEST(BundleChoice, NeutralPackagesAreAlwaysTaken) {
  const appx::BundleManifest manifest = {
      {}, {application("neutral"), application("x86"), application("x64")}};
  EXPECT_THAT(chosen(manifest, {.architectures = {"x64"}}),
              ElementsAre("neutral.msix", "x64.msix"));
  EXPECT_THAT(chosen(manifest, {.architectures = {"arm64"}}), ElementsAre("neutral.msix"));
}

// An application package is not left out because of the languages in it.
TEST(BundleChoice, LanguagesAreThoseOfResourcePackages) {
  const appx::BundleManifest manifest = {{}, {application("x64")}};
  EXPECT_THAT(chosen(manifest, {.languages = {"de"}}), ElementsAre("x64.msix"));
}

TEST(BundleChoice, AMissingArchitectureNamesTheOthers) {
  const appx::BundleManifest manifest = {{}, {application("x86"), application("arm")}};
  try {
    static_cast<void>(chosen(manifest, {.architectures = {"x64"}}));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_THAT(error.what(), HasSubstr("it has x86, arm"));
  }
}

}  // namespace
}  // namespace cim::test
