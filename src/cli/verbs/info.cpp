// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cimlib/app_package.h"
#include "cimlib/image.h"
#include "cimlib/image_summary.h"

#include "cli/image_argument.h"
#include "cli/json_output.h"
#include "cli/package_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace info_verb {
namespace {

struct Options {
  ImageArgument image;
  bool executables = false;
};

std::string_view type_name(RegionType type) {
  switch (type) {
    case RegionType::kMetadata:
      return "metadata";
    case RegionType::kPageAlignedData:
      return "page-aligned-data";
    case RegionType::kSmallData:
      return "small-data";
  }
  return "unknown";
}

std::string version_of(const Image& image) {
  return fmt::format("{}.{}", image.version_major(), image.version_minor());
}

// Calls back with each region set and its regions.
template <typename Visit>
void for_each_set(const Image& image, const Visit& visit) {
  std::size_t first = 0;
  for (const RegionSet& set : image.region_sets()) {
    visit(set, std::span(image.regions()).subspan(first, set.region_count));
    first += set.region_count;
  }
}

Json counts_json(const ImageSummary& summary, bool has_plain) {
  Json json = Json::object();
  for (const SummaryFigure& figure : summary_figures()) {
    json[std::string(figure.name)] = summary.*figure.value;
  }
  if (has_plain) {
    json["plain_executables"] = summary.plain_executables;
  }
  return json;
}

Json to_json(const Image& image, const ImageSummary& summary, bool has_plain) {
  Json sets = Json::array();
  for_each_set(image, [&](const RegionSet& set, std::span<const Region> regions) {
    Json files = Json::array();
    for (const Region& region : regions) {
      Json file = {{"file", region.path.filename().string()}, {"usable", region.is_usable}};
      if (region.is_usable) {
        file["type"] = type_name(region.type);
        file["size"] = region.size;
      }
      files.push_back(std::move(file));
    }
    sets.push_back({{"guid", set.guid.to_string()}, {"own", set.is_own}, {"regions", files}});
  });
  Json json = {{"image", image.path().string()}, {"version", version_of(image)}};
  json["region_sets"] = std::move(sets);
  json.update(counts_json(summary, has_plain));
  return json;
}

// A line of two columns.
void print_fact(Console& console, std::string_view name, std::string_view value) {
  console.print("{:<22}{}\n", name, value);
}

void print_regions(Console& console, const Image& image) {
  for_each_set(image, [&](const RegionSet& set, std::span<const Region> regions) {
    print_fact(console, set.is_own ? "region set" : "ancestor's region set", set.guid.to_string());
    for (const Region& region : regions) {
      console.print("  {}  {:>10}  {}\n", region.path.filename().string(),
                    region.is_usable ? readable_size(region.size) : "",
                    region.is_usable ? type_name(region.type) : "missing or broken");
    }
  });
}

void print_counts(Console& console, const ImageSummary& summary) {
  print_fact(console, "directories", grouped(summary.directories));
  print_fact(console, "files", grouped(summary.files));
  print_fact(console, "hard links", grouped(summary.hard_links));
  print_fact(console, "alternate streams", grouped(summary.streams));
  print_fact(console, "reparse points", grouped(summary.reparse_points));
  print_fact(console, "data", readable_size(summary.data_bytes));
  print_fact(console, "  deduplicated", readable_size(summary.deduplicated_bytes));
  print_fact(console, "  sparse", readable_size(summary.sparse_bytes));
  print_fact(console, "region files",
             fmt::format("{}, {} of them its own", readable_size(summary.region_bytes),
                         readable_size(summary.own_region_bytes)));
}

// Executables that are not expanded are counted by reason.
void print_executables(Console& console, const ImageSummary& summary, bool has_plain) {
  if (!has_plain) {
    print_fact(console, "executables", grouped(summary.expanded_executables) + " expanded");
    return;
  }
  std::uint64_t plain = 0;
  for (const auto& [reason, count] : summary.plain_executables) {
    plain += count;
  }
  print_fact(
      console, "executables",
      fmt::format("{} expanded, {} plain", grouped(summary.expanded_executables), grouped(plain)));
  for (const auto& [reason, count] : summary.plain_executables) {
    console.print("  {:>9}  {}\n", grouped(count), reason);
  }
}

// An unreadable manifest is not a reason to fail: the image is all right.
std::vector<appx::InstalledPackage> packages_in(const Image& image, Console& console) {
  return appx::packages_of(image, [&](const std::string& text) { console.warn(text); });
}

int run(const Options& options, Console& console) {
  const Image image = open_image(options.image, console);
  const ImageSummary summary =
      summarize(image, {.plain_executables = options.executables,
                        .warning = [&](const std::string& text) { console.error(text); }});
  const int status = summary.unreadable == 0 ? kSuccess : kFailure;
  const auto packages = packages_in(image, console);
  if (console.json()) {
    Json json = to_json(image, summary, options.executables);
    json["packages"] = Json::array();
    for (const appx::InstalledPackage& package : packages) {
      json["packages"].push_back(package_json(package.info, package.directory));
    }
    print_json(console, json);
    return status;
  }
  print_fact(console, "image", shown(image.path().string(), console.output_terminal()));
  print_fact(console, "format version", version_of(image));
  print_regions(console, image);
  print_counts(console, summary);
  print_executables(console, summary, options.executables);
  for (const appx::InstalledPackage& package : packages) {
    print_package(console, package.info, package.directory);
  }
  return status;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  image_argument(parameters, options->image);
  parameters.flag("--executables", "also count executables that are stored as plain files",
                  options->executables);
  image_argument_options(parameters, options->image);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim info layers/7.cim", "show metadata of an image"},
    {"cim info --executables layers/7.cim", "show also how executables are stored, and why"},
    {"cim info --json layers/7.cim", "show it as JSON"},
}};

}  // namespace
}  // namespace info_verb

constinit const Verb kInfoVerb = {
    .name = "info",
    .summary = "show metadata of an image",
    .description =
        "Shows the format version of an image, its region sets and their files, the number of "
        "files of each kind, the size of their data, and how much of it takes no space because it "
        "is shared or sparse.\n\n"
        "Executables are stored in their memory-mapped layout if their headers allow that. The "
        "others are stored as plain files; --executables counts them by reason, for which it reads "
        "the first bytes of every file. Without it, only metadata are read, and the manifests of "
        "application packages, which are listed with their identity, signer and entry points.",
    .examples = info_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = info_verb::prepare,
};

}  // namespace cim::cli
