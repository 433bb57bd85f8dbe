// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/store_output.h"

namespace cim::cli {

std::string short_digest(std::string_view digest) {
  constexpr std::size_t kDigits = 12;
  return std::string(digest.substr(digest.find(':') + 1, kDigits));
}

Json image_json(const store::Image& image) {
  return {{"names", image.names},
          {"digest", image.digest},
          {"kept_by_digest", image.is_kept_by_digest},
          {"platform", image.platform.to_string()},
          {"layers", image.layers.size()},
          {"shared_size", image.shared_size},
          {"own_size", image.own_size}};
}

}  // namespace cim::cli
