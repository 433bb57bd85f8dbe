// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Facts about a metadata image that are needed without building it again, and the seal after its
// last block in which they are stored, with a checksum to verify the file. The kernel ignores it.

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cimlib/guid.h"
#include "cimlib/image.h"
#include "cimlib/mount.h"

#include "os/file.h"

namespace cim::mount::erofs {

/// The kinds of content that a metadata image cannot represent. The seal data of an image has them
/// in this order.
enum class OmissionKind : std::uint8_t {
  kLongNames,      ///< a name is too long for Linux: the entry is missing
  kLargeStreams,   ///< an alternate stream is too large for an attribute value
  kStreamNames,    ///< the name of a stream is not possible for an attribute
  kManyStreams,    ///< the streams of a file do not all fit
  kLinkStreams,    ///< a link has streams, but Linux does not allow user attributes on links
  kReservedNames,  ///< a stream's attribute would instruct Linux, see is_reserved_stream_name()
  kLinks,          ///< Linux cannot express a link: it appears as a file or directory instead
};
inline constexpr std::size_t kOmissionKinds = 7;

/// The content that was left out of a metadata image.
class Omissions {
 public:
  /// Counts one omission; `path` is called only while examples are needed.
  void add(OmissionKind kind, const std::function<std::string()>& path);

  bool has(OmissionKind kind) const noexcept { return of(kind).count != 0; }
  /// Returns the kinds with a count other than 0.
  std::vector<Omission> list() const;

  struct Found {
    std::uint64_t count = 0;
    std::vector<std::string> examples{};
  };
  const Found& of(OmissionKind kind) const noexcept {
    return kinds_[static_cast<std::size_t>(kind)];
  }
  void set(OmissionKind kind, Found value) {
    kinds_[static_cast<std::size_t>(kind)] = std::move(value);
  }

 private:
  std::array<Found, kOmissionKinds> kinds_{};
};

/// A file with data in a region, for testing the mount.
struct Probe {
  std::string path{};  ///< from the root of the mount; empty if there is no such file
  FileId file = 0;
};

/// The facts that the seal stores.
struct SealData {
  std::filesystem::path image{};  ///< the image that it was made from
  Probe probe{};
  Omissions omissions{};
};

/// Appends the seal data and the checksum to a file with a metadata image.
void seal(File& file, const Guid& key, const SealData& seal_data);

/// Returns the seal data of a sealed file; nullopt if it is not sealed, has another key, or any bit
/// has changed. Reads the whole file, so that it is in the page cache for the kernel.
std::optional<SealData> check_seal(const File& file, const Guid& key);

/// Returns the seal data without verifying the file, to find out what it was made from.
std::optional<SealData> read_seal_data(const File& file);

}  // namespace cim::mount::erofs
