// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/commit/upper_link.h"

#include <algorithm>
#include <utility>

#include "cimlib/error.h"
#include "cimlib/reparse.h"
#include "cimlib/wtf8.h"

#include "layer/whiteouts.h"

namespace cim::layer {

Bytes symlink_to(const std::string& target, const std::string& link) {
  try {
    return ReparsePoint::pointing_to(reparse_tag::kSymlink, target).encode();
  } catch (const Error& error) {
    throw Error(ErrorCode::kUnsupported, link,
                "its target has no name on Windows: " + error.reason());
  }
}

std::optional<ImagePath> path_of_target(const ImagePath& directory, std::string_view target) {
  const std::size_t volume = depth_of_volume(directory);
  ImagePath at = directory;
  while (target.starts_with('/') && at.names().size() > volume) {
    at = std::move(at).parent();
  }
  while (!target.empty()) {
    const std::string_view name = target.substr(0, target.find('/'));
    target.remove_prefix(std::min(target.size(), name.size() + 1));
    if (name == "..") {
      if (at.names().size() > volume) {
        at = std::move(at).parent();
      }
      continue;
    }
    if (name.empty() || name == ".") {
      continue;
    }
    try {
      at = std::move(at).child(to_utf16(name).value_or(u""));  // rejects an empty name
    } catch (const Error&) {
      return std::nullopt;
    }
  }
  return at;
}

}  // namespace cim::layer
