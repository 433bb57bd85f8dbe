// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/access_options.h"

#include <cstddef>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cimlib/app_package.h"
#include "cimlib/error.h"
#include "cimlib/security_descriptor.h"

#include "cli/json_output.h"

namespace cim::cli {
namespace {

std::vector<std::byte> encoded(std::string_view sddl) {
  return SecurityDescriptor::from_sddl(sddl).encode();
}

DefaultDescriptors inherited_from(std::string_view sddl) {
  return {.root = encoded(sddl),
          .directory = encoded(appx::inherited_sddl(sddl, true)),
          .file = encoded(appx::inherited_sddl(sddl, false))};
}

// Without it, what is below would have an empty list, which denies everything to everybody.
void require_inheritance(std::string_view sddl) {
  const auto top = SecurityDescriptor::from_sddl(sddl);
  const auto below = SecurityDescriptor::from_sddl(appx::inherited_sddl(sddl, false));
  if (top.dacl && !top.dacl->aces.empty() && below.dacl && below.dacl->aces.empty()) {
    throw Error(ErrorCode::kInvalidArgument, std::string(sddl),
                "files inherit none of its entries; add the flags OICI, or use --sddl");
  }
}

DefaultDescriptors same_for_all(std::string_view sddl) {
  const std::vector<std::byte> descriptor = encoded(sddl);
  return {.root = descriptor, .directory = descriptor, .file = descriptor};
}

}  // namespace

void access_options(Parameters& parameters, AccessOptions& options) {
  parameters.option("--acl", "SDDL",
                    "the descriptor of the top directory, that of each package or of the image, "
                    "from which everything below without one of its own inherits: windowsapps for "
                    "one like that of WindowsApps, none, or SDDL; show prints the first and "
                    "creates nothing (default: windowsapps for packages, otherwise none)",
                    &options.acl);
  parameters.option("--sddl", "SDDL",
                    "the same descriptor for the root and everything below without one of its own, "
                    "instead of --acl: nothing is inherited",
                    &options.sddl);
}

void refuse_both(const AccessOptions& options) {
  if (options.acl && options.sddl) {
    throw UsageError{"--acl and --sddl cannot be given together", "create"};
  }
}

std::optional<std::string> top_sddl(const AccessOptions& options, const std::string& otherwise) {
  const std::string acl = options.acl.value_or(otherwise);
  if (acl == "none") {
    return std::nullopt;
  }
  if (acl == "windowsapps") {
    return std::string(appx::windows_apps_sddl());
  }
  try {
    require_inheritance(acl);
  } catch (const Error& error) {
    throw UsageError{fmt::format("--acl: {}", error.reason()), "create"};
  }
  return acl;
}

DefaultDescriptors default_descriptors(const AccessOptions& options) {
  if (!options.sddl) {
    const auto top = top_sddl(options, "none");
    return top ? inherited_from(*top) : DefaultDescriptors();
  }
  try {
    return same_for_all(*options.sddl);
  } catch (const Error& error) {
    throw UsageError{fmt::format("--sddl: {}", error.reason()), "create"};
  }
}

int show_access(Console& console) {
  const std::string_view sddl = appx::windows_apps_sddl();
  const std::string directory = appx::inherited_sddl(sddl, true);
  const std::string file = appx::inherited_sddl(sddl, false);
  if (console.json()) {
    print_json(console, {{"package", sddl}, {"directory", directory}, {"file", file}});
    return kSuccess;
  }
  console.print("package    {}\ndirectory  {}\nfile       {}\n", sddl, directory, file);
  return kSuccess;
}

}  // namespace cim::cli
