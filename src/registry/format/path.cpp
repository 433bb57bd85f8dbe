// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/format/path.h"

#include <algorithm>
#include <utility>

#include "cimlib/error.h"

#include "base/utf16.h"

namespace cim::registry {

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> names;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('\\'), path.size());
    if (end > 0) {
      names.push_back(path.substr(0, end));
    }
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return names;
}

std::u16string utf16_name(std::string_view name) {
  auto units = to_utf16(name);
  if (!units) {
    throw Error(ErrorCode::kInvalidArgument, std::string(name), "not well-formed UTF-16");
  }
  return *std::move(units);
}

}  // namespace cim::registry
