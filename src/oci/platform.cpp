// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/oci.h"

namespace cim::oci {

std::optional<Platform> Platform::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view rest = text.substr(slash + 1);
  const std::size_t colon = rest.find(':');
  const bool has_version = colon != std::string_view::npos;
  Platform platform{.os = std::string(text.substr(0, slash)),
                    .architecture = std::string(rest.substr(0, colon)),
                    .os_version = std::string(has_version ? rest.substr(colon + 1) : "")};
  const bool is_whole = !platform.os.empty() && !platform.architecture.empty() &&
                        has_version != platform.os_version.empty() &&
                        rest.find('/') == std::string_view::npos;
  return is_whole ? std::optional(std::move(platform)) : std::nullopt;
}

bool Platform::matches(const Platform& other) const {
  if (os != other.os || architecture != other.architecture) {
    return false;
  }
  // "10.0.2" is not the beginning of "10.0.20348".
  return os_version.empty() || (other.os_version + ".").starts_with(os_version + ".");
}

std::string Platform::to_string() const {
  return os + "/" + architecture + (os_version.empty() ? "" : ":" + os_version);
}

}  // namespace cim::oci
