// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/finding.h"

#include <array>

#include <fmt/format.h>

namespace cim {

std::string_view to_string(Severity severity) noexcept {
  static constexpr std::array<std::string_view, 3> kNames = {"note", "warning", "fault"};
  return kNames[static_cast<std::size_t>(severity)];
}

std::string to_string(const Finding& finding) {
  std::string line = fmt::format("{}: ", to_string(finding.severity));
  if (!finding.file.empty()) {
    line += finding.file.string() + ": ";
  }
  if (finding.offset) {
    line += fmt::format("at byte {}: ", *finding.offset);
  }
  if (!finding.path.empty()) {
    line += finding.path + (finding.stream.empty() ? "" : ":" + finding.stream) + ": ";
  } else if (finding.id != 0) {
    line += fmt::format("file {}: ", finding.id);
  }
  line += finding.text;
  return finding.kind == nullptr ? line : line + fmt::format(" [{}]", finding.kind->id);
}

}  // namespace cim
