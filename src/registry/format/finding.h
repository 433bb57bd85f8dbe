// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What is wrong with a hive, and who is told. Reading stops at the first damage; checking goes on.

#include <cstdint>
#include <string>

#include "cimlib/hive.h"

namespace cim::registry {

/// Told of everything that a look at a hive finds; may throw to stop it.
class FindingSink {
 public:
  FindingSink() = default;
  FindingSink(const FindingSink&) = delete;
  FindingSink& operator=(const FindingSink&) = delete;
  virtual ~FindingSink() = default;

  /// Whether findings below damage are worth looking for.
  virtual bool wants(Severity severity) const noexcept = 0;
  /// Whether the next finding of that severity will be shown, so that its key's path is worth
  /// making.
  virtual bool shows(Severity severity) const noexcept = 0;
  virtual void add(Finding finding) = 0;
};

/// Throws an Error on damage; what is merely odd becomes a warning, if there is a sink for those:
/// the first 100, and then how many more there were.
class ThrowingSink : public FindingSink {
 public:
  ThrowingSink(std::string subject, const WarningSink& warning)
      : subject_(std::move(subject)), warning_(warning) {}

  bool wants(Severity severity) const noexcept override;
  bool shows(Severity severity) const noexcept override;
  void add(Finding finding) override;
  /// Warns of how many findings were left out, if any were.
  void finish() const;

 private:
  std::string subject_;
  const WarningSink& warning_;
  std::uint64_t warnings_ = 0;
};

/// Keeps findings, up to a limit, and counts the rest.
class CollectingSink : public FindingSink {
 public:
  CollectingSink(CheckReport& report, Severity mildest) : report_(report), mildest_(mildest) {}

  bool wants(Severity severity) const noexcept override { return severity <= mildest_; }
  bool shows(Severity severity) const noexcept override;
  void add(Finding finding) override;

 private:
  CheckReport& report_;
  Severity mildest_;
};

}  // namespace cim::registry
