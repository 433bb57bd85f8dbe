// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The parts of an image that its metadata image cannot represent.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cimlib/image.h"
#include "cimlib/mount.h"

namespace cim::mount::erofs {

enum class LossKind : std::uint8_t {
  kLongNames,     ///< a name is too long for Linux: the entry is missing
  kLargeStreams,  ///< an alternate stream is too large for an attribute value
  kStreamNames,   ///< the name of a stream is not possible for an attribute
  kManyStreams,   ///< the streams of a file do not all fit
  kLinkStreams,   ///< a link has streams, but Linux does not allow user attributes on links
  kSteering,      ///< a stream's attribute would instruct Linux, see is_steering_name()
  kLinks,         ///< Linux cannot express a link: it appears as a file or directory instead
};
inline constexpr std::size_t kLossKinds = 7;

class Omissions {
 public:
  /// Counts one omission; `path` is called only while examples are needed.
  void add(LossKind kind, const std::function<std::string()>& path);

  bool has(LossKind kind) const noexcept { return of(kind).count != 0; }
  /// Returns the kinds with a count other than 0.
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
