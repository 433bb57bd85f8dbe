// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <span>
#include <string>
#include <variant>

#include "cimlib/image_summary.h"

#include "base/bytes.h"
#include "base/seeded_hash.h"
#include "image/pe_layout.h"

namespace cim {
namespace {

class Summarizer {
 public:
  explicit Summarizer(const Image& image) : image_(image) {}

  ImageSummary run() {
    count_regions();
    image_.walk({}, [this](const WalkEntry& entry) {
      count(entry.info);
      return true;
    });
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
      for (const StreamInfo& stream : image_.streams(info.id)) {
        ++summary_.streams;
        if (const auto opened = image_.open_stream(info.id, stream.name)) {
          count(*opened);
        }
      }
    }
  }

  void count(const Stream& stream) {
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
    if (stream.storage() != Storage::kData || stream.size() < 2) {
      return;
    }
    head_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(stream.size(), kPeHeadSize)));
    // Two bytes tell most files apart; the rest of the head is read where it matters.
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
  ImageSummary summary_;
  SeededSet<FileId> seen_files_;
  SeededSet<std::uint64_t> seen_places_;
  Bytes head_;
};

}  // namespace

ImageSummary summarize(const Image& image) {
  return Summarizer(image).run();
}

}  // namespace cim
