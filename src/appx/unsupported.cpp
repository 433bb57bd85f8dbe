// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Builds without libzip or expat.
#include "cimlib/app_package.h"
#include "cimlib/error.h"

namespace cim::appx {
namespace {

[[noreturn]] void fail(const std::string& subject) {
  throw Error(ErrorCode::kUnsupported, subject,
              "this build of cimlib does not read packages (CIMLIB_BUILD_PACKAGES)");
}

}  // namespace

PackageKind kind_of(const std::filesystem::path& /*file*/) {
  return PackageKind::kNone;
}

std::vector<InstalledPackage> packages_of(const Image& /*image*/, const WarningSink& /*warning*/,
                                          const std::stop_token& /*stop*/) {
  return {};
}

std::vector<PlannedPackage> plan(std::span<const std::filesystem::path> packages,
                                 const CreateOptions& /*options*/) {
  fail(packages.empty() ? "packages" : packages.front().string());
}

CreateSummary create_image(const std::filesystem::path& image,
                           std::span<const std::filesystem::path> /*packages*/,
                           const CreateOptions& /*options*/) {
  fail(image.string());
}

PackageCheckReport check_packages(const Image& image, const PackageCheckOptions& /*options*/) {
  fail(image.path().string());
}

}  // namespace cim::appx
