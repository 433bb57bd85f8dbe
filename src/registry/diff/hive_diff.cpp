// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Subkeys are sorted in a valid hive, so two lists of them are compared in one pass. Values are
// not, and are sorted here.
#include "cimlib/hive_diff.h"

#include <algorithm>
#include <array>
#include <compare>
#include <memory>
#include <utility>

#include "cimlib/error.h"

#include "os/seeded_hash.h"
#include "registry/format/name.h"
#include "registry/read/hive_data.h"

namespace cim::registry {
namespace {

constexpr std::array<FieldName, 9> kFieldNames = {{
    {hive_field::kName, "name"},
    {hive_field::kClass, "class"},
    {hive_field::kSecurity, "security"},
    {hive_field::kTime, "time"},
    {hive_field::kFlags, "flags"},
    {hive_field::kLayer, "layer"},
    {hive_field::kValues, "values"},
    {hive_field::kType, "type"},
    {hive_field::kData, "data"},
}};

using OptionalKey = std::optional<KeyView>;

/// Two keys of the same path, or one if the other hive has none.
struct KeyPair {
  OptionalKey before;
  OptionalKey after;

  const KeyView& named() const noexcept { return after ? *after : *before; }
};

/// The subkeys of a pair of keys that were not visited yet.
class SubkeyMerge {
 public:
  explicit SubkeyMerge(const KeyPair& keys, std::size_t path_size) : path_size_(path_size) {
    if (keys.before) {
      before_.emplace(*keys.before);
    }
    if (keys.after) {
      after_.emplace(*keys.after);
    }
  }

  std::size_t path_size() const noexcept { return path_size_; }

  /// Returns the keys of the next name; nullopt at the end.
  std::optional<KeyPair> take() {
    KeyPair next = {current(before_), current(after_)};
    if (next.before && next.after) {
      const auto order = compare(next.before->name(), next.after->name());
      if (std::is_lt(order)) {
        next.after.reset();
      } else if (std::is_gt(order)) {
        next.before.reset();
      }
    }
    if (next.before) {
      before_->next();
    }
    if (next.after) {
      after_->next();
    }
    return next.before || next.after ? std::optional(next) : std::nullopt;
  }

 private:
  static OptionalKey current(const std::optional<SubkeyCursor>& cursor) {
    return cursor && !cursor->done() ? OptionalKey(cursor->key()) : std::nullopt;
  }

  std::optional<SubkeyCursor> before_;
  std::optional<SubkeyCursor> after_;
  std::size_t path_size_;  // of the path of the keys themselves
};

/// Values of one name keep their order, so that duplicates are compared one by one.
std::vector<ValueView> sorted_values(const OptionalKey& key) {
  std::vector<ValueView> values;
  if (key) {
    const ValueListView list = key->values();
    values.reserve(list.size());
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      values.push_back(list[i]);
    }
    std::ranges::stable_sort(values, [](const ValueView& a, const ValueView& b) {
      return std::is_lt(compare(a.name(), b.name()));
    });
  }
  return values;
}

class Diff {
 public:
  Diff(const Hive& before, const Hive& after, const HiveDiffOptions& options,
       const KeyDifferenceSink& sink)
      : options_(options), sink_(sink), before_(data_of(before)), after_(data_of(after)) {}

  HiveDiffSummary run(const std::optional<Key>& before, const std::optional<Key>& after,
                      std::string path) {
    path_ = std::move(path);
    const auto view = [](const Key& key) { return HandleAccess::view(key); };
    visit({before ? OptionalKey(view(*before)) : std::nullopt,
           after ? OptionalKey(view(*after)) : std::nullopt});
    while (is_wanted_ && !open_.empty()) {
      const std::size_t parent_size = open_.back().path_size();
      const auto keys = open_.back().take();
      path_.resize(parent_size);
      if (!keys) {
        open_.pop_back();
        continue;
      }
      path_ += parent_size == 0 ? "" : "\\";
      path_ += keys->named().name().to_wtf8();
      visit(*keys);
    }
    return summary_;
  }

 private:
  void visit(const KeyPair& keys) {
    if (options_.stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, after_->subject(), "stopped");
    }
    KeyDifference difference;
    difference.values = different_values(keys);
    if (keys.before && keys.after) {
      difference.fields = different_fields(*keys.before, *keys.after);
      difference.fields |= difference.values.empty() ? 0 : hive_field::kValues;
    } else {
      difference.kind = keys.after ? DifferenceKind::kAdded : DifferenceKind::kRemoved;
    }
    if (difference.kind != DifferenceKind::kChanged || difference.fields != 0) {
      report(keys, std::move(difference));
    }
    open_.emplace_back(keys, path_.size());
  }

  void report(const KeyPair& keys, KeyDifference difference) {
    std::uint64_t& count = difference.kind == DifferenceKind::kAdded     ? summary_.added
                           : difference.kind == DifferenceKind::kRemoved ? summary_.removed
                                                                         : summary_.changed;
    ++count;
    summary_.values += difference.values.size();
    difference.path = path_;
    if (keys.before) {
      difference.before = HandleAccess::key(before_, *keys.before);
    }
    if (keys.after) {
      difference.after = HandleAccess::key(after_, *keys.after);
    }
    is_wanted_ = sink_(difference);
  }

  std::uint32_t different_fields(const KeyView& a, const KeyView& b) {
    constexpr std::uint16_t kFlags = kKeyKeptFlags;
    std::uint32_t fields = 0;
    const auto set_if = [&](std::uint32_t field, bool is_different) {
      fields |= is_different ? field : 0;
    };
    const bool is_root = open_.empty() && path_.empty();
    set_if(hive_field::kName, !is_root && !same_spelling(a.name(), b.name()));
    set_if(hive_field::kClass, !std::ranges::equal(a.class_name(), b.class_name()));
    set_if(hive_field::kTime, a.time() != b.time());
    set_if(hive_field::kFlags, (a.flags() & kFlags) != (b.flags() & kFlags) ||
                                   a.control() != b.control() || a.debug() != b.debug());
    set_if(hive_field::kLayer, a.layer() != b.layer());
    fields &= ~options_.ignored;
    set_if(hive_field::kSecurity,
           (options_.ignored & hive_field::kSecurity) == 0 && has_other_descriptor(a, b));
    return fields;
  }

  // Any number of keys can share a descriptor of any size, so each pair is compared once.
  bool has_other_descriptor(const KeyView& a, const KeyView& b) {
    const std::uint64_t pair =
        std::uint64_t{a.security_pointer()} << 32U | std::uint64_t{b.security_pointer()};
    const auto [found, is_new] = descriptors_differ_.try_emplace(pair, false);
    if (is_new) {
      found->second = !std::ranges::equal(a.descriptor(), b.descriptor());
    }
    return found->second;
  }

  std::vector<ValueDifference> different_values(const KeyPair& keys) const {
    std::vector<ValueDifference> differences;
    if ((options_.ignored & hive_field::kValues) != 0) {
      return differences;
    }
    const std::vector<ValueView> before = sorted_values(keys.before);
    const std::vector<ValueView> after = sorted_values(keys.after);
    auto a = before.begin();
    auto b = after.begin();
    while (a != before.end() || b != after.end()) {
      const auto order = a == before.end()  ? std::strong_ordering::greater
                         : b == after.end() ? std::strong_ordering::less
                                            : compare(a->name(), b->name());
      add_difference(std::is_lteq(order) ? &*a : nullptr, std::is_gteq(order) ? &*b : nullptr,
                     differences);
      a += std::is_lteq(order) ? 1 : 0;
      b += std::is_gteq(order) ? 1 : 0;
    }
    return differences;
  }

  // One of them may be null.
  void add_difference(const ValueView* a, const ValueView* b,
                      std::vector<ValueDifference>& differences) const {
    ValueDifference difference;
    if (a != nullptr && b != nullptr) {
      difference.fields = different_fields(*a, *b);
      if (difference.fields == 0) {
        return;
      }
    } else {
      difference.kind = a != nullptr ? DifferenceKind::kRemoved : DifferenceKind::kAdded;
    }
    if (a != nullptr) {
      difference.before = HandleAccess::value(before_, *a);
    }
    if (b != nullptr) {
      difference.after = HandleAccess::value(after_, *b);
    }
    differences.push_back(std::move(difference));
  }

  std::uint32_t different_fields(const ValueView& a, const ValueView& b) const {
    std::uint32_t fields = 0;
    fields |= same_spelling(a.name(), b.name()) ? 0 : hive_field::kName;
    if (a.is_tombstone() || b.is_tombstone()) {
      fields |= a.is_tombstone() == b.is_tombstone() ? 0 : hive_field::kLayer;
    } else {
      fields |= a.type() == b.type() ? 0 : hive_field::kType;
      const bool is_same = a.size() == b.size() && a.data().copy() == b.data().copy();
      fields |= is_same ? 0 : hive_field::kData;
    }
    return fields & ~options_.ignored;
  }

  const HiveDiffOptions& options_;
  const KeyDifferenceSink& sink_;
  std::shared_ptr<const HiveData> before_;
  std::shared_ptr<const HiveData> after_;
  HiveDiffSummary summary_;
  std::vector<SubkeyMerge> open_;  // at most as many as a hive has levels
  std::string path_;
  SeededMap<std::uint64_t, bool> descriptors_differ_;
  bool is_wanted_ = true;
};

}  // namespace

std::span<const FieldName> hive_field_names() noexcept {
  return kFieldNames;
}

HiveDiffSummary diff(const Hive& before, const Hive& after, const HiveDiffOptions& options,
                     const KeyDifferenceSink& sink) {
  const auto first = before.find(options.path);
  const auto second = after.find(options.path);
  if (!first && !second) {
    throw Error(ErrorCode::kNotFound, options.path, "no such key in either hive");
  }
  const Hive& named = second ? after : before;
  return Diff(before, after, options, sink).run(first, second, *named.spelled_path(options.path));
}

}  // namespace cim::registry
