// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/format/finding.h"

#include <utility>

#include "cimlib/error.h"

namespace cim::registry {
namespace {

constexpr std::size_t kMaxFindings = 10'000;
constexpr std::uint64_t kMaxWarnings = 100;

std::string text_with_key(const Finding& finding) {
  return finding.path.empty() ? finding.text : "key '" + finding.path + "': " + finding.text;
}

}  // namespace

// Warnings are looked for only if there is a place to report them; it takes time.
bool ThrowingSink::wants(Severity severity) const noexcept {
  return severity == Severity::kFault || (severity == Severity::kWarning && warning_ != nullptr);
}

void ThrowingSink::add(Finding finding) {
  if (finding.severity == Severity::kFault) {
    throw Error(ErrorCode::kCorrupt, subject_, text_with_key(finding), finding.offset);
  }
  if (wants(finding.severity) && warnings_++ < kMaxWarnings) {
    warning_(subject_ + ": at byte " + std::to_string(finding.offset.value_or(0)) + ": " +
             text_with_key(finding));
  }
}

bool ThrowingSink::shows(Severity severity) const noexcept {
  return severity == Severity::kFault || warnings_ < kMaxWarnings;
}

void ThrowingSink::finish() const {
  if (warnings_ > kMaxWarnings) {
    warning_(subject_ + ": " + std::to_string(warnings_ - kMaxWarnings) + " more like these");
  }
}

bool CollectingSink::shows(Severity severity) const noexcept {
  return wants(severity) && report_.findings.size() < kMaxFindings;
}

// Findings above the limit are counted, so that the caller knows of them.
void CollectingSink::add(Finding finding) {
  if (!wants(finding.severity)) {
    return;
  }
  if (!shows(finding.severity)) {
    ++report_.findings_omitted;
    return;
  }
  report_.findings.push_back(std::move(finding));
}

}  // namespace cim::registry
