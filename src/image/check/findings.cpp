// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/findings.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace cim {
namespace image_check {

void Findings::add(Kind kind, const Spot& spot, std::string text) {
  Finding finding;
  finding.file = *spot.file;
  finding.offset = spot.offset;
  finding.id = spot.id;
  finding.stream = spot.stream;
  finding.text = std::move(text);
  add(kind, std::move(finding));
}

void Findings::add(Kind kind, const std::filesystem::path& file, std::string text) {
  Finding finding;
  finding.file = file;
  finding.text = std::move(text);
  add(kind, std::move(finding));
}

void Findings::add(Kind kind, Finding finding) {
  finding.kind = &finding_kinds()[static_cast<std::size_t>(kind)];
  switch (finding.kind->severity) {
    case Severity::kNote:
      ++report_.notes;
      break;
    case Severity::kWarning:
      ++report_.warnings;
      break;
    case Severity::kFault:
      ++report_.faults;
      break;
  }
  if (report_.findings.size() < max_) {
    report_.findings.push_back(std::move(finding));
  }
}

}  // namespace image_check

std::string_view to_string(Severity severity) noexcept {
  static constexpr std::array<std::string_view, 3> kNames = {"note", "warning", "fault"};
  return kNames[static_cast<std::size_t>(severity)];
}

std::string to_string(const Finding& finding) {
  std::string line =
      fmt::format("{}: {}: ", to_string(finding.kind->severity), finding.file.string());
  if (finding.offset) {
    line += fmt::format("at byte {}: ", *finding.offset);
  }
  if (!finding.path.empty()) {
    line += finding.path + (finding.stream.empty() ? "" : ":" + finding.stream) + ": ";
  } else if (finding.id != 0) {
    line += fmt::format("file {}: ", finding.id);
  }
  return line + fmt::format("{} [{}]", finding.text, finding.kind->id);
}

}  // namespace cim
