// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <string>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/image_summary.h"

#include "base/bytes.h"
#include "image/read/directory_visits.h"
#include "image/read/executable_kind.h"
#include "os/seeded_hash.h"

namespace cim {
namespace {

constexpr std::array<SummaryFigure, 12> kFigures = {{
    {"directories", &ImageSummary::directories},
    {"files", &ImageSummary::files},
    {"hard_links", &ImageSummary::hard_links},
    {"streams", &ImageSummary::streams},
    {"reparse_points", &ImageSummary::reparse_points},
    {"data_bytes", &ImageSummary::data_bytes},
    {"region_bytes", &ImageSummary::region_bytes},
    {"own_region_bytes", &ImageSummary::own_region_bytes},
    {"deduplicated_bytes", &ImageSummary::deduplicated_bytes},
    {"sparse_bytes", &ImageSummary::sparse_bytes},
    {"unreadable", &ImageSummary::unreadable},
    {"expanded_executables", &ImageSummary::expanded_executables},
}};

class Summarizer {
 public:
  Summarizer(const Image& image, const SummaryOptions& options)
      : image_(image), options_(options), others_(image) {}

  ImageSummary run() {
    count_regions();
    image_.walk(
        {},
        [this](const WalkEntry& entry) {
          try {
            count(entry.info);
          } catch (const Error& error) {
            if (error.code() == ErrorCode::kLimit) {
              throw;
            }
            note_unreadable(entry.path, error);
          }
          return true;
        },
        {.stop = options_.stop, .failure = [this](const ImagePath& path, const Error& error) {
           note_unreadable(path, error);
         }});
    return summary_;
  }

 private:
  void count_regions() {
    std::size_t region = 0;
    for (const RegionSet& set : image_.region_sets()) {
      for (unsigned i = 0; i < set.region_count; ++i, ++region) {
        const std::uint64_t size = image_.regions()[region].size;
        summary_.region_bytes += size;
        summary_.own_region_bytes += set.is_own ? size : 0;
      }
    }
  }

  void note_unreadable(const ImagePath& path, const Error& error) {
    ++summary_.unreadable;
    if (options_.warning) {
      options_.warning(fmt::format("{}: {}", path.to_string(), error.what()));
    }
  }

  void count(const FileInfo& info) {
    if (!seen_files_.insert(info.id).second) {
      ++summary_.hard_links;
      return;
    }
    ++(info.is_directory() ? summary_.directories : summary_.files);
    summary_.reparse_points += info.is_reparse_point() ? 1U : 0U;
    if (!info.is_directory()) {
      const Stream stream = image_.open(info.id);
      count(stream);
      count_executable(stream);
    }
    if (info.has_streams) {
      const StreamList streams = image_.stream_list(info.id);
      others_.take(streams.disk_size());
      summary_.streams += streams.size();
      for (std::uint32_t i = 0; i < streams.size(); ++i) {
        count(streams.open(i));
      }
    }
  }

  // Data is shared if its first byte was counted before: writers store equal streams as one object.
  void count(const Stream& stream) {
    others_.take_map_of(stream);
    summary_.data_bytes += stream.size();
    if (stream.storage() == Storage::kSparse) {
      summary_.sparse_bytes += stream.size();
    } else if (!stream.extents().empty()) {
      const Extent& first = stream.extents().front();
      if (!seen_places_.insert(std::uint64_t{first.region} << 48 | first.region_offset).second) {
        summary_.deduplicated_bytes += stream.size();
      }
    }
  }

  void count_executable(const Stream& stream) {
    if (stream.storage() == Storage::kPeImage) {
      ++summary_.expanded_executables;
      return;
    }
    if (!options_.plain_executables) {
      return;
    }
    if (const ExecutableKind kind = executable_kind(stream, head_); !kind.plain_reason.empty()) {
      ++summary_.plain_executables[std::string(kind.plain_reason)];
    }
  }

  const Image& image_;
  const SummaryOptions& options_;
  TableBudget others_;  // of tables other than directories
  ImageSummary summary_;
  SeededSet<FileId> seen_files_;
  SeededSet<std::uint64_t> seen_places_;
  Bytes head_;
};

}  // namespace

std::span<const SummaryFigure> summary_figures() noexcept {
  return kFigures;
}

ImageSummary summarize(const Image& image, const SummaryOptions& options) {
  return Summarizer(image, options).run();
}

}  // namespace cim
