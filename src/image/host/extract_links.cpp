// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A survey before the first file is written finds which files have several names, so that only
// those names need to be remembered, and how many bytes there are, for progress.
#include "image/host/extract_links.h"

#include <algorithm>

#include "image/host/path_filter.h"
#include "image/read/directory_visits.h"

namespace cim {

ExtractSurvey survey(const Image& image, const ImagePath& from, const ExtractOptions& options) {
  PathFilter filter(options.paths);
  bool is_wanted = true;
  ExtractSurvey found;
  SeededSet<FileId> seen;
  TableBudget budget(image);
  const auto visit = [&](const WalkEntry& entry) {
    const FileInfo& info = entry.info;
    is_wanted = filter.enter(entry.path);
    if (!is_wanted) {
      return true;
    }
    if (!info.is_directory() && !seen.insert(info.id).second) {
      found.shared.insert(info.id);
      return true;
    }
    found.bytes += info.size;
    if (info.has_streams) {
      try {
        const StreamList streams = image.stream_list(info.id);
        budget.take(streams.disk_size());
        for (std::uint32_t i = 0; i < streams.size(); ++i) {
          found.bytes += streams.info(i).size;
        }
      } catch (const Error& error) {
        if (ends_extraction(error)) {
          throw;
        }
      }
    }
    return true;
  };
  image.walk(from, visit,
             {.stop = options.stop,
              .failure = [](const ImagePath&, const Error&) {},
              .enters = [&](const WalkEntry&) { return is_wanted; }});
  return found;
}

// Steps are never removed, since later names may refer to any of them.
void FirstNames::enter(const std::string& name) {
  steps_.push_back({here_, name});
  here_ = steps_.size() - 1;
}

void FirstNames::leave() {
  here_ = steps_[here_].above;
}

std::vector<std::string> FirstNames::path_of(std::size_t directory) const {
  std::vector<std::string> names;
  for (std::size_t step = directory; step != 0; step = steps_[step].above) {
    names.push_back(steps_[step].name);
  }
  std::ranges::reverse(names);
  return names;
}

}  // namespace cim
