// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/remote/response_head.h"

#include <algorithm>
#include <iterator>

#include "cimlib/error.h"

#include "oci/remote/ascii.h"

namespace cim::oci {
namespace {

constexpr std::size_t kLargestHeaders = std::size_t{64} << 10;

}  // namespace

void ResponseHead::add(std::string_view line, unsigned status, const std::string& subject) {
  size_ += line.size();
  if (size_ > kLargestHeaders) {
    throw Error(ErrorCode::kCorrupt, subject, "the headers of the response are too long");
  }
  line = trimmed(line);
  if (is_complete_) {
    return;  // a trailer
  }
  if (line.starts_with("HTTP/")) {
    headers_.clear();
    return;
  }
  if (line.empty()) {
    status_ = status;
    is_complete_ = status >= 200;
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    headers_.emplace(to_lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
}

std::vector<std::string> ResponseHead::values(std::string_view name) const {
  std::vector<std::string> values;
  const auto [first, last] = headers_.equal_range(name);
  std::transform(first, last, std::back_inserter(values),
                 [](const auto& header) { return header.second; });
  return values;
}

std::string ResponseHead::value(std::string_view name) const {
  const auto found = headers_.find(name);
  return found == headers_.end() ? std::string() : found->second;
}

}  // namespace cim::oci
