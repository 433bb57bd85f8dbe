// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/host/extract_survey.h"

#include "image/read/directory_visits.h"

namespace cim {

ExtractSurvey survey(const Image& image, const ImagePath& from, const std::stop_token& stop) {
  ExtractSurvey found;
  SeededSet<FileId> seen;
  TableBudget budget(image);
  const auto visit = [&](const WalkEntry& entry) {
    const FileInfo& info = entry.info;
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
  image.walk(from, visit, {.stop = stop, .failure = [](const ImagePath&, const Error&) {}});
  return found;
}

}  // namespace cim
