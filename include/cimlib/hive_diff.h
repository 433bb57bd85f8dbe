// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Comparing two registry hives.
//
//   cim::registry::diff(before, after, {}, [](const cim::registry::KeyDifference& difference) {
//     std::cout << to_string(difference.kind) << ' ' << difference.path << '\n';
//     return true;  // continue
//   });

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/difference.h"
#include "cimlib/export.h"
#include "cimlib/hive.h"

namespace cim::registry {

/// The fields in which a key or a value can differ, as bits.
namespace hive_field {
inline constexpr std::uint32_t kName = 0x1;      ///< the case of the name; not that of the root
inline constexpr std::uint32_t kClass = 0x2;     ///< class of a key
inline constexpr std::uint32_t kSecurity = 0x4;  ///< security descriptor of a key
inline constexpr std::uint32_t kTime = 0x8;      ///< last write time of a key
/// Flags of a key that belong to it and not to how it is stored: link, virtualization, user flags.
inline constexpr std::uint32_t kFlags = 0x10;
inline constexpr std::uint32_t kLayer = 0x20;   ///< how it affects the lower hive
inline constexpr std::uint32_t kValues = 0x40;  ///< values of a key
inline constexpr std::uint32_t kType = 0x80;    ///< type of a value
inline constexpr std::uint32_t kData = 0x100;   ///< data of a value
}  // namespace hive_field

/// Returns all fields in the order of their bits. They have static storage duration; their names
/// are stable across releases.
CIM_EXPORT std::span<const FieldName> hive_field_names() noexcept;

/// A value that differs.
struct ValueDifference {
  DifferenceKind kind = DifferenceKind::kChanged;
  std::optional<Value> before{};  ///< nullopt if it was added
  std::optional<Value> after{};   ///< nullopt if it was removed
  std::uint32_t fields = 0;       ///< if changed: the fields that differ, hive_field::k…
};

/// A key that differs.
struct KeyDifference {
  DifferenceKind kind = DifferenceKind::kChanged;
  std::string path{};  ///< spelled as in the second hive, or in the first if it was removed
  std::optional<Key> before{};  ///< nullopt if it was added
  std::optional<Key> after{};   ///< nullopt if it was removed
  std::uint32_t fields = 0;     ///< if changed: the fields that differ, hive_field::k…
  /// The values that differ, sorted by name: all of them if the key was added or removed.
  std::vector<ValueDifference> values{};
};

/// Receives the differences one at a time and returns true to continue, false to stop. Called from
/// the thread that called diff(); an exception from it reaches the caller. Keys and values may be
/// kept.
using KeyDifferenceSink = std::function<bool(const KeyDifference&)>;

/// How to compare two hives.
struct HiveDiffOptions {
  std::string path = {};      ///< the key to start at
  std::uint32_t ignored = 0;  ///< fields that are not compared, hive_field::k…
  std::stop_token stop = {};  ///< a request to stop ends the comparison with kCancelled
};

/// The number of differences that were passed to the sink.
struct HiveDiffSummary {
  std::uint64_t added = 0;    ///< keys
  std::uint64_t removed = 0;  ///< keys
  std::uint64_t changed = 0;  ///< keys
  std::uint64_t values = 0;   ///< values of all these keys

  /// Returns true if nothing differs.
  bool is_same() const noexcept { return added == 0 && removed == 0 && changed == 0; }
};

/// Compares two hives and passes each difference to `sink`, in the order of the subkeys, a key
/// before its subkeys. If a key was added or removed, each key below it is passed too. Names are
/// compared ignoring case, values without regard to their order. The layer semantics of delta hives
/// are compared as they are and not applied.
///
/// Takes time in proportion to both hives, and memory for the differences of one key. Throws
/// kNotFound if neither hive has a key at the path, kInvalidArgument for a path that is not WTF-8,
/// and kCancelled on a request to stop.
CIM_EXPORT HiveDiffSummary diff(const Hive& before, const Hive& after,
                                const HiveDiffOptions& options, const KeyDifferenceSink& sink);

}  // namespace cim::registry
