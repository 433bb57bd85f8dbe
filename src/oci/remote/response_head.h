// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cim::oci {

/// The status and the headers of a response, from its lines as libcurl passes them on: those of
/// interim responses come before, those of trailers after.
class ResponseHead {
 public:
  /// Adds a line; `status` is that of its response so far. Throws kCorrupt, naming `subject`, if
  /// the lines are too long in total.
  void add(std::string_view line, unsigned status, const std::string& subject);

  /// Returns true if the response is not an interim one and all of its headers were added.
  bool is_complete() const noexcept { return is_complete_; }

  unsigned status() const noexcept { return status_; }
  /// Returns the values of a header, whose name is in lower case.
  std::vector<std::string> values(std::string_view name) const;
  /// Returns the first value; empty if the header is missing.
  std::string value(std::string_view name) const;

 private:
  std::multimap<std::string, std::string, std::less<>> headers_;
  std::size_t size_ = 0;  // of all lines
  unsigned status_ = 0;
  bool is_complete_ = false;
};

}  // namespace cim::oci
