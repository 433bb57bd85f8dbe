// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/findings.h"

#include <utility>

namespace cim::image_check {

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

// All findings are counted; only the first ones are kept, so that a file with damage everywhere
// does not use up the memory.
void Findings::add(Kind kind, Finding finding) {
  finding.kind = &finding_kinds()[static_cast<std::size_t>(kind)];
  finding.severity = finding.kind->severity;
  switch (finding.severity) {
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

}  // namespace cim::image_check
