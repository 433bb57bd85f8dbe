// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <span>
#include <string>
#include <variant>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/image_summary.h"

#include "base/bytes.h"
#include "image/read/directory_visits.h"
#include "image/read/pe_layout.h"
#include "os/seeded_hash.h"

namespace cim {
namespace {

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

  // Analyzes executables that are stored unchanged as a writer does, to find out why.
  void count_executable(const Stream& stream) {
    if (stream.storage() == Storage::kPeImage) {
      ++summary_.expanded_executables;
      return;
    }
    if (!options_.plain_executables || stream.storage() != Storage::kData || stream.size() < 2) {
      return;
    }
    head_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(stream.size(), kPeHeadSize)));
    // Two bytes rule most files out; the rest of the head is read only for the others.
    stream.read(0, std::span(head_).first(2));
    if (as_text(ByteView(head_).first(2)) != "MZ") {
      return;
    }
    stream.read(0, head_);
    const PeAnalysis analysis = analyze_pe(head_, stream.size());
    if (const auto* const plain = std::get_if<PlainPe>(&analysis)) {
      ++summary_.plain_executables[std::string(plain->reason)];
    } else if (std::holds_alternative<PeLayout>(analysis)) {
      ++summary_.plain_executables["expansion was off"];
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

ImageSummary summarize(const Image& image, const SummaryOptions& options) {
  return Summarizer(image, options).run();
}

}  // namespace cim
