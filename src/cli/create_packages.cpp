// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/create_packages.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "cimlib/app_package.h"
#include "cimlib/host_path.h"

#include "cli/image_reading.h"
#include "cli/json_output.h"
#include "cli/package_output.h"
#include "cli/progress_bar.h"
#include "cli/text_output.h"

namespace cim::cli {
namespace {

bool is_package(const std::string& source) {
  std::error_code none;  // reported when the source is read
  const std::filesystem::path path = host_path(source);
  return std::filesystem::is_regular_file(path, none) &&
         appx::kind_of(path) != appx::PackageKind::kNone;
}

appx::CreateOptions create_options(const PackageImage& what, Console& console) {
  appx::CreateOptions how;
  apply(what.writing, {}, how.writer);
  if (what.base) {
    how.writer.base = host_path(*what.base);
  }
  how.root = what.options.root.value_or(how.root);
  how.sddl = top_sddl(what.access, "windowsapps");
  how.choice = {.architectures = what.options.architectures,
                .languages = what.options.languages,
                .scales = what.options.scales};
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = console.stop_on_interruption();
  return how;
}

Json planned_json(const appx::PlannedPackage& plan) {
  Json json = package_json(plan.info, plan.directory);
  json["source"] = plan.source.string();
  if (!plan.source_entry.empty()) {
    put_text(json, "source_entry", ImagePath::parse(plan.source_entry).names().back());
    json["bundle_signature"] = signature_json(plan.bundle_signature);
  }
  json["files"] = plan.files;
  json["directories"] = plan.directories;
  json["bytes"] = plan.bytes;
  return json;
}

Json planned_json(const std::vector<appx::PlannedPackage>& plans) {
  Json packages = Json::array();
  for (const appx::PlannedPackage& plan : plans) {
    packages.push_back(planned_json(plan));
  }
  return packages;
}

std::string content_of(const appx::PlannedPackage& plan) {
  return fmt::format("{} and {} with {}", counted(plan.directories, "directory", "directories"),
                     counted(plan.files, "file", "files"), readable_size(plan.bytes));
}

int show_plan(const PackageImage& what, const appx::CreateOptions& how, Console& console) {
  const auto plans = appx::plan(host_paths(what.sources), how);
  if (console.json()) {
    print_json(console, {{"image", what.image}, {"packages", planned_json(plans)}});
    return kSuccess;
  }
  for (const appx::PlannedPackage& plan : plans) {
    print_package(console, plan.info, plan.directory);
    print_package_fact(
        console, "from",
        plan.source.string() + (plan.source_entry.empty() ? "" : ": " + plan.source_entry));
    if (!plan.source_entry.empty()) {
      print_package_fact(console, "bundle",
                         plan.bundle_signature
                             ? "signed by " + signature_text(plan.bundle_signature)
                             : "not signed");
    }
    print_package_fact(console, "content", content_of(plan));
  }
  return kSuccess;
}

void report_packages(const PackageImage& what, const appx::CreateSummary& summary,
                     Console& console) {
  if (console.json()) {
    Json json = {{"image", what.image},          {"packages", planned_json(summary.packages)},
                 {"replaced", summary.replaced}, {"directories", summary.directories},
                 {"files", summary.files},       {"bytes", summary.bytes}};
    put_storage(json, summary.image);
    print_json(console, json);
    return;
  }
  for (const std::string& name : summary.replaced) {
    console.inform("removed " + name);
  }
  for (const appx::PlannedPackage& plan : summary.packages) {
    console.inform("added " + plan.info.identity.full_name());
  }
  console.inform(fmt::format("created {} with {}, {}, {} ({})", what.image,
                             counted(summary.packages.size(), "package", "packages"),
                             counted(summary.files, "file", "files"), readable_size(summary.bytes),
                             storage_text(summary.image)));
}

}  // namespace

void package_options(Parameters& parameters, PackageOptions& options) {
  parameters.option("--root", "PATH",
                    "the directory for packages in the image, with / between names (default: apps)",
                    &options.root);
  parameters.option("--arch", "ARCH",
                    "take only application packages of this architecture, and neutral ones, from "
                    "bundles; may be given several times",
                    &options.architectures);
  parameters.option("--language", "TAG",
                    "take only resource packages of this language from bundles; de stands for "
                    "every de-...; may be given several times",
                    &options.languages);
  parameters.option("--scale", "PERCENT",
                    "take only resource packages of this scale from bundles; may be given several "
                    "times",
                    &options.scales);
  parameters.flag("--dry-run", "print which packages would be added, and create nothing",
                  options.is_dry_run);
}

void refuse_package_options(const PackageOptions& options) {
  if (options.root || !options.architectures.empty() || !options.languages.empty() ||
      !options.scales.empty() || options.is_dry_run) {
    throw UsageError{"--root, --arch, --language, --scale and --dry-run are for packages only"};
  }
}

bool are_packages(const std::vector<std::string>& sources) {
  const auto count = static_cast<std::size_t>(std::ranges::count_if(sources, is_package));
  if (count != 0 && count != sources.size()) {
    const auto other = std::ranges::find_if_not(sources, is_package);
    throw UsageError{*other + " is not a package, but other sources are"};
  }
  return count != 0;
}

int create_from_packages(const PackageImage& what, Console& console) {
  appx::CreateOptions how = create_options(what, console);
  if (what.options.is_dry_run) {
    return show_plan(what, how, console);
  }
  appx::CreateSummary summary;
  {
    ProgressBar bar(console, "creating");
    how.progress = bar.sink();
    summary = appx::create_image(host_path(what.image), host_paths(what.sources), how);
  }
  report_packages(what, summary, console);
  return kSuccess;
}

}  // namespace cim::cli
