// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The parts of a check build on each other: the filesystem file, the filesystem object, the
// records, the tree of names, and last the objects in the regions. Damage ends only what depends on
// the damaged part; the rest is still checked.
#include "cimlib/check.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "format/disk_header.h"
#include "image/check/context.h"
#include "image/check/filesystem.h"
#include "image/check/object_ids.h"
#include "image/check/objects.h"
#include "image/check/records.h"
#include "image/read/region_files.h"

namespace cim {
namespace image_check {
namespace {

// Reports region files that the number in the header does not count.
void find_extra_regions(const std::vector<RegionSet>& sets, Context& context) {
  std::map<Guid, unsigned> counts;
  for (const RegionSet& set : sets) {
    counts[set.guid] = std::max<unsigned>(counts[set.guid], set.region_count);
  }
  for (const auto& [set, count] : counts) {
    for (const RegionLocator::Part& part : context.locator.parts_of(set)) {
      if (part.name.index >= count) {
        context.findings.add(Kind::kRegionExtra, part.path,
                             fmt::format("the header states {} regions for its region set", count));
      }
    }
  }
}

// Sorted claims are passed to the regions one after another, each its own. Findings about a whole
// region set follow its last region.
void check_objects(Context& context) {
  auto by_place = [](const Claim& claim) { return std::tuple(claim.offset.raw(), claim.length); };
  std::ranges::sort(context.claims, {}, by_place);
  ObjectIdChecker ids(context);
  ObjectChecker objects(context);
  std::span<const Claim> claims = context.claims;
  const auto& regions = context.regions.all();
  for (std::size_t i = 0; i < regions.size(); ++i) {
    context.stop_if_asked();
    const auto own_end = std::ranges::find_if(
        claims, [i](const Claim& claim) { return claim.offset.region() != i; });
    const auto own = claims.first(static_cast<std::size_t>(own_end - claims.begin()));
    claims = claims.subspan(own.size());
    auto found = ids.check(regions[i]);
    if (context.is_deep() && regions[i].is_readable) {
      objects.check(regions[i], own, std::move(found));
    }
    if (i + 1 == regions.size() || regions[i + 1].set != regions[i].set) {
      ids.end_set();
      objects.end_set(regions[i]);
    }
  }
}

void check_content(const format::FilesystemHeader& header, Context& context) {
  const Spot spot = {&context.image, offsetof(format::DiskFilesystemHeader, filesystem)};
  const auto filesystem = check_filesystem(header.filesystem, spot, context);
  if (filesystem) {
    FileMap files = check_records(*filesystem, context);
    check_tree(*filesystem, files, context);
    check_objects(context);
    find_paths(files, *filesystem, context);
  } else {
    check_objects(context);
  }
}

}  // namespace
}  // namespace image_check

CheckReport check(const std::filesystem::path& image, const CheckOptions& options) {
  using namespace image_check;
  CheckReport report;
  Findings findings(report, options.max_findings);
  const auto header = check_filesystem_file(image, findings);
  if (!header) {
    return report;
  }
  const auto sets = region_sets_of(*header);
  const RegionLocator locator(image_directory(image), options.region_directories, options.listings);
  CheckedRegions regions(locator, sets, findings);
  Context context = {.image = image,
                     .options = options,
                     .report = report,
                     .findings = findings,
                     .regions = regions,
                     .locator = locator,
                     .has_ancestors = !header->parents.empty()};
  find_extra_regions(sets, context);
  check_content(*header, context);
  return report;
}

}  // namespace cim
