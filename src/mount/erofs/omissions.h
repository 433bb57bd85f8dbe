// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What of an image its metadata image has no place for.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cimlib/image.h"
#include "cimlib/mount.h"

namespace cim::mount::erofs {

enum class LossKind : std::uint8_t {
  kLongNames,     ///< a name has more bytes than Linux takes: what bears it is not there
  kLargeStreams,  ///< an alternate stream is larger than the value of an attribute
  kStreamNames,   ///< a stream's name cannot be that of an attribute
  kManyStreams,   ///< the streams of a file have no room side by side
  kLinkStreams,   ///< a link has streams, and Linux gives links no such attributes
  kSteering,      ///< a stream's attribute would be an order to Linux, see is_steering_name()
  kLinks,  ///< Linux cannot have a link: it shows as the file or directory that it is besides
};
inline constexpr std::size_t kLossKinds = 7;

class Omissions {
 public:
  /// Counts one; `path` is asked only as long as examples are wanted.
  void add(LossKind kind, const std::function<std::string()>& path);

  bool has(LossKind kind) const noexcept { return of(kind).count != 0; }
  /// Those that there are.
  std::vector<Omission> list() const;

  struct Kind {
    std::uint64_t count = 0;
    std::vector<std::string> examples{};
  };
  const Kind& of(LossKind kind) const noexcept { return kinds_[static_cast<std::size_t>(kind)]; }
  void set(LossKind kind, Kind value) { kinds_[static_cast<std::size_t>(kind)] = std::move(value); }

 private:
  std::array<Kind, kLossKinds> kinds_{};
};

}  // namespace cim::mount::erofs
