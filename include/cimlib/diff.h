// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What differs between two images.
//
//   cim::diff("layers/7.cim", "layers/8.cim", {}, [](const cim::Difference& difference) {
//     std::cout << difference.path.to_string() << '\n';
//     return true;  // go on
//   });

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/image_path.h"
#include "cimlib/progress.h"

namespace cim {

/// In which respects a file can differ; bits.
namespace field {
inline constexpr std::uint32_t kType = 0x1;  ///< a file here, a directory there
inline constexpr std::uint32_t kName = 0x2;  ///< the name, by case
inline constexpr std::uint32_t kData = 0x4;  ///< the bytes of the default stream
inline constexpr std::uint32_t kAttributes = 0x8;
inline constexpr std::uint32_t kTimes = 0x10;
inline constexpr std::uint32_t kSecurity = 0x20;
inline constexpr std::uint32_t kExtendedAttributes = 0x40;
inline constexpr std::uint32_t kReparse = 0x80;
inline constexpr std::uint32_t kStreams = 0x100;  ///< alternate streams: names or bytes
/// Which other names are of the same file, as far as they come before it in the order of paths.
inline constexpr std::uint32_t kLinks = 0x200;
}  // namespace field

/// An aspect and its name for programs, as in "data".
struct FieldName {
  std::uint32_t aspect;
  std::string_view name;
};
CIM_EXPORT std::span<const FieldName> field_names() noexcept;

enum class DifferenceKind { kAdded, kRemoved, kChanged };

/// Name of a kind for programs: "added", "removed", "changed".
CIM_EXPORT std::string_view to_string(DifferenceKind kind) noexcept;

struct Difference {
  DifferenceKind kind = DifferenceKind::kChanged;
  ImagePath path;             ///< as the second image has it, or, of what was removed, the first
  bool is_directory = false;  ///< in that image
  std::uint32_t fields = 0;   ///< of what was changed: field::k…
  /// Alternate streams that were added, removed or changed.
  std::vector<std::u16string> streams{};
};

/// Returns whether to go on.
using DifferenceSink = std::function<bool(const Difference&)>;

struct DiffOptions {
  std::uint32_t ignored = 0;   ///< field::k… that do not count
  ProgressSink progress = {};  ///< told of entries and of the bytes of data compared
  std::stop_token stop = {};
};

struct DiffSummary {
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
  std::uint64_t changed = 0;
  std::uint64_t compared_bytes = 0;  ///< of data that were read; what both share needs no reading

  bool is_same() const noexcept { return added == 0 && removed == 0 && changed == 0; }
};

/// Compares the images `before` and `after` in the order of paths, a directory before its entries;
/// of what was added or removed, each entry is told. Names are compared without regard to case.
/// Data that lie in the same place of the same region set are the same without being read. Throws
/// what reading an image throws, and kCancelled on a request to stop.
CIM_EXPORT DiffSummary diff(const std::filesystem::path& before, const std::filesystem::path& after,
                            const DiffOptions& options, const DifferenceSink& sink);

}  // namespace cim
