// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Findings about a hive, and the sinks that receive them. Reading stops at the first damage;
// checking continues.

#include <cstdint>
#include <string>
#include <utility>

#include "cimlib/hive.h"

namespace cim::registry {

/// Receives every finding about a hive; may throw to stop the examination.
class FindingSink {
 public:
  FindingSink() = default;
  FindingSink(const FindingSink&) = delete;
  FindingSink& operator=(const FindingSink&) = delete;
  virtual ~FindingSink() = default;

  /// Returns true if findings of this severity are worth looking for.
  virtual bool wants(Severity severity) const noexcept = 0;
  /// Returns true if the next finding of that severity will be shown, so that building its key's
  /// path is worth the effort.
  virtual bool shows(Severity severity) const noexcept = 0;
  virtual void add(Finding finding) = 0;

  /// Adds a finding about the bytes at `offset`, and about the key whose path is `key`, if any.
  void add(Severity severity, std::uint64_t offset, std::string text, std::string key = {}) {
    add({.severity = severity, .offset = offset, .path = std::move(key), .text = std::move(text)});
  }
};

/// Throws an Error on damage. Milder findings become warnings, if there is a warning sink: the
/// first 100, then the number of the others.
class ThrowingSink : public FindingSink {
 public:
  using FindingSink::add;
  ThrowingSink(std::string subject, const WarningSink& warning)
      : subject_(std::move(subject)), warning_(warning) {}

  bool wants(Severity severity) const noexcept override;
  bool shows(Severity severity) const noexcept override;
  void add(Finding finding) override;
  /// Warns of the number of findings that were not passed on, if there are any.
  void finish() const;

 private:
  std::string subject_;
  const WarningSink& warning_;
  std::uint64_t warnings_ = 0;
};

/// Collects findings up to a limit, and counts the rest.
class CollectingSink : public FindingSink {
 public:
  using FindingSink::add;
  CollectingSink(CheckReport& report, Severity min_severity)
      : report_(report), min_severity_(min_severity) {}

  bool wants(Severity severity) const noexcept override { return severity >= min_severity_; }
  bool shows(Severity severity) const noexcept override;
  void add(Finding finding) override;

 private:
  CheckReport& report_;
  Severity min_severity_;
};

}  // namespace cim::registry
