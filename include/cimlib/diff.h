// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Comparing two images.
//
//   cim::diff("layers/7.cim", "layers/8.cim", {}, [](const cim::Difference& difference) {
//     std::cout << difference.path.to_string() << '\n';
//     return true;  // continue
//   });

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/difference.h"
#include "cimlib/directory_listings.h"
#include "cimlib/export.h"
#include "cimlib/image_path.h"
#include "cimlib/progress.h"

namespace cim {

/// The fields in which a file can differ, as bits.
namespace field {
inline constexpr std::uint32_t kType = 0x1;        ///< one is a file, the other a directory
inline constexpr std::uint32_t kName = 0x2;        ///< the case of the name
inline constexpr std::uint32_t kData = 0x4;        ///< contents of the default stream
inline constexpr std::uint32_t kAttributes = 0x8;  ///< of attribute::kStoredAttributes
inline constexpr std::uint32_t kTimes = 0x10;      ///< any of the four
inline constexpr std::uint32_t kSecurity = 0x20;   ///< the security descriptor
inline constexpr std::uint32_t kExtendedAttributes = 0x40;
inline constexpr std::uint32_t kReparse = 0x80;   ///< the reparse data
inline constexpr std::uint32_t kStreams = 0x100;  ///< names or contents of alternate streams
/// The set of other names of the same file that come before this one in path order.
inline constexpr std::uint32_t kLinks = 0x200;
}  // namespace field

/// Returns all fields in the order of their bits. They have static storage duration.
CIM_EXPORT std::span<const FieldName> field_names() noexcept;

/// One entry that differs.
struct Difference {
  DifferenceKind kind = DifferenceKind::kChanged;
  ImagePath path;             ///< spelled as in the second image, or in the first if it was removed
  bool is_directory = false;  ///< true if the entry is a directory in that image
  std::uint32_t fields = 0;   ///< if changed: the fields that differ, field::k…
  /// If changed: alternate streams that were added, removed or changed.
  std::vector<std::u16string> streams{};
};

/// Receives the differences one at a time and returns true to continue, false to stop. Called from
/// the thread that called diff(); an exception from it reaches the caller.
using DifferenceSink = std::function<bool(const Difference&)>;

/// How to compare two images.
struct DiffOptions {
  std::uint32_t ignored = 0;   ///< fields that are not compared, field::k…
  ProgressSink progress = {};  ///< receives the number of entries and of bytes of data compared
  std::stop_token stop = {};   ///< a request to stop ends the comparison with kCancelled
  /// As in OpenOptions, for both images.
  std::vector<std::filesystem::path> region_directories = {};
  std::shared_ptr<DirectoryListings> listings = {};  ///< as in OpenOptions
};

/// The number of differences that were passed to the sink.
struct DiffSummary {
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
  std::uint64_t changed = 0;
  std::uint64_t compared_bytes = 0;  ///< bytes of data that were read; shared data is not

  /// Returns true if nothing differs.
  bool is_same() const noexcept { return added == 0 && removed == 0 && changed == 0; }
};

/// Compares the images `before` and `after` and passes each difference to `sink`, in path order, a
/// directory before its entries. If a directory was added or removed, each entry below it is passed
/// too. Names are compared ignoring case. Data stored at the same place of the same region set is
/// equal and is not read.
///
/// Throws what reading an image throws, and kCancelled on a request to stop. Concurrent calls are
/// safe.
CIM_EXPORT DiffSummary diff(const std::filesystem::path& before, const std::filesystem::path& after,
                            const DiffOptions& options, const DifferenceSink& sink);

}  // namespace cim
