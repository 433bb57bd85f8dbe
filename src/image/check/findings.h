// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Collects findings, with their places on the host and in the image.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cimlib/check.h"

#include "format/finding.h"

namespace cim::image_check {

using format::Kind;

/// The location of the field being checked, and the file and stream of the image it belongs to. A
/// view: cheap to copy, valid only as long as the path and the stream's name.
struct Spot {
  const std::filesystem::path* file = nullptr;  ///< of the host; must outlive the spot
  std::uint64_t offset = 0;
  FileId id = 0;
  std::string_view stream = {};  ///< of an alternate stream, WTF-8

  /// Returns the spot `distance` bytes further.
  Spot at(std::uint64_t distance) const { return {file, offset + distance, id, stream}; }
};

/// Collects findings into a report, and keeps a limited number of them.
class Findings {
 public:
  Findings(CheckReport& report, std::size_t max) : report_(report), max_(max) {}

  void add(Kind kind, const Spot& spot, std::string text);
  /// Adds a finding about a file of the host as a whole.
  void add(Kind kind, const std::filesystem::path& file, std::string text);

  std::vector<Finding>& kept() noexcept { return report_.findings; }

 private:
  void add(Kind kind, Finding finding);

  CheckReport& report_;
  std::size_t max_;
};

/// Adds what a decoder finds to `findings`. The structure is at `start`.
class SpotSink : public format::FindingSink {
 public:
  SpotSink(Findings& findings, const Spot& start) : findings_(findings), start_(start) {}

  void add(Kind kind, std::uint64_t offset, std::string text) override {
    findings_.add(kind, start_.at(offset), std::move(text));
  }

 private:
  Findings& findings_;
  Spot start_;
};

}  // namespace cim::image_check
