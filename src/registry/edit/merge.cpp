// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Merges a delta into a hive in one walk over both trees, whose subkeys are sorted in the same way,
// and passes the result to a HiveBuilder. Neither tree is held as objects: keys are read in place
// and copied cell by cell where only one of the hives has them.
#include <algorithm>
#include <compare>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/hive.h"

#include "base/utf16.h"
#include "os/file.h"
#include "os/host_path.h"
#include "registry/edit/assumptions.h"
#include "registry/read/hive_data.h"
#include "registry/write/hive_builder.h"

namespace cim::registry {
namespace {

LayerSemantics semantics_of(const KeyView& key) noexcept {
  return static_cast<LayerSemantics>(key.layer() & kLayerSemanticsMask);
}

bool is_tombstone(const KeyView& key) noexcept {
  return semantics_of(key) == LayerSemantics::kTombstone;
}

/// Looks up the values of a delta's key by name. If several have the same name, the first counts.
class ValueIndex {
 public:
  explicit ValueIndex(const ValueListView& values) : used_(values.size()) {
    for (std::uint32_t i = 0; i < values.size(); ++i) {
      entries_.push_back({values[i].name(), i});
    }
    const auto before = [](const Entry& a, const Entry& b) {
      return std::is_lt(compare(a.name, b.name));
    };
    const auto same = [](const Entry& a, const Entry& b) {
      return std::is_eq(compare(a.name, b.name));
    };
    std::stable_sort(entries_.begin(), entries_.end(), before);
    const auto end = std::unique(entries_.begin(), entries_.end(), same);
    // Later values of the same name are hidden.
    std::fill(used_.begin(), used_.end(), true);
    for (auto entry = entries_.begin(); entry != end; ++entry) {
      used_[entry->index] = false;
    }
    entries_.erase(end, entries_.end());
  }

  std::optional<std::uint32_t> find(const Name& name) const {
    const auto place = std::lower_bound(entries_.begin(), entries_.end(), name,
                                        [](const Entry& entry, const Name& wanted) {
                                          return std::is_lt(compare(entry.name, wanted));
                                        });
    const bool found = place != entries_.end() && std::is_eq(compare(place->name, name));
    return found ? std::optional(place->index) : std::nullopt;
  }

  /// Marks a value as handled; returns true if it already was.
  bool use(std::uint32_t index) {
    const bool used = used_[index];
    used_[index] = true;
    return used;
  }

 private:
  struct Entry {
    Name name;
    std::uint32_t index;
  };
  std::vector<Entry> entries_;
  std::vector<bool> used_;
};

/// Merges one delta into one base. Both have been validated: neither is deeper than kMaxDepth, and
/// their subkey lists are sorted, so one walk over both suffices.
class Merger {
 public:
  Merger(const HiveData& base, const HiveData& delta, HiveBuilder& builder)
      : base_(base),
        delta_(delta),
        builder_(builder),
        base_copier_(builder),
        delta_copier_(builder) {}

  void run() { merge(base_.root(), delta_.root(), /*is_root=*/true); }

  std::uint64_t copied_up_without_base() const noexcept { return copied_up_without_base_; }
  void report(const WarningSink& warning) const;

 private:
  void merge(const KeyView& base, const KeyView& delta, bool is_root);
  void begin_merged_key(const KeyPair& pair);
  void merge_subkeys(const KeyView& base, const KeyView& delta);
  void overlay_values(const KeyView& base, const KeyView& delta);
  void add_values_of_delta(const KeyView& delta);
  void copy_base(const KeyView& base);
  void copy_base_without_layers(const KeyView& base);
  void copy_delta(const KeyView& delta, bool inside_tree);
  void copy_subkeys_of_delta(const KeyView& delta, bool inside_tree);
  void note_tombstone(const KeyView& delta);

  const HiveData& base_;
  const HiveData& delta_;
  HiveBuilder& builder_;
  SubtreeCopier base_copier_;
  SubtreeCopier delta_copier_;
  std::uint64_t copied_up_without_base_ = 0;
  std::uint64_t tombstones_with_content_ = 0;
  std::uint64_t merging_keys_inside_tree_ = 0;
};

/// Writes the key that both hives have. The semantics of the delta's key decide what remains of the
/// base: its values and subkeys, its subkeys, or none of them.
void Merger::merge(const KeyView& base, const KeyView& delta, bool is_root) {
  const KeyPair pair{base, delta, semantics_of(delta), is_root};
  begin_merged_key(pair);
  if (pair.semantics == LayerSemantics::kMerge) {
    overlay_values(base, delta);
  } else {
    add_values_of_delta(delta);
  }
  if (pair.semantics == LayerSemantics::kSupersedeTree) {
    copy_subkeys_of_delta(delta, /*inside_tree=*/true);
  } else {
    merge_subkeys(base, delta);
  }
  builder_.end_key();
}

/// Each attribute of a key that both hives have follows an assumption of its own.
void Merger::begin_merged_key(const KeyPair& pair) {
  KeyContent content;
  content.name = assumed_key_name(pair);
  content.time = assumed_time(pair);
  content.flags = assumed_flags(pair);
  content.control = assumed_control(pair);
  content.debug = assumed_debug(pair);
  content.class_name = assumed_class(pair);
  const KeyView& owner = assumed_descriptor_owner(pair);
  SubtreeCopier& copier = &owner == &pair.base ? base_copier_ : delta_copier_;
  content.descriptor = copier.descriptor_of(owner);
  builder_.begin_key(content);
}

/// A tombstone hides a key of the base; a key of the delta without one in the base is new; keys in
/// both are merged.
void Merger::merge_subkeys(const KeyView& base, const KeyView& delta) {
  SubkeyCursor below(base);
  SubkeyCursor above(delta);
  while (!below.done() || !above.done()) {
    const auto order = below.done()   ? std::strong_ordering::greater
                       : above.done() ? std::strong_ordering::less
                                      : compare(below.key().name(), above.key().name());
    if (std::is_lt(order)) {
      copy_base(below.key());
    } else if (is_tombstone(above.key())) {
      note_tombstone(above.key());
    } else if (std::is_gt(order) || is_tombstone(below.key())) {
      copy_delta(above.key(), /*inside_tree=*/false);
    } else {
      merge(below.key(), above.key(), /*is_root=*/false);
    }
    if (std::is_lteq(order)) {
      below.next();
    }
    if (std::is_gteq(order)) {
      above.next();
    }
  }
}

/// Keeps the base's order: each value of the delta takes the position of the value that it hides,
/// and the remaining ones follow. The order has no meaning to Windows.
void Merger::overlay_values(const KeyView& base, const KeyView& delta) {
  const ValueListView below = base.values();
  const ValueListView above = delta.values();
  ValueIndex index(above);
  for (std::uint32_t i = 0; i < below.size(); ++i) {
    const ValueView value = below[i];
    const auto match = index.find(value.name());
    if (match) {
      const ValueView over = above[*match];
      if (!index.use(*match) && !over.is_tombstone()) {
        ValueContent content = SubtreeCopier::content_of(over);
        content.name = assumed_value_name(value, over);
        builder_.add_value(content);
      }
    } else if (!value.is_tombstone()) {
      builder_.add_value(SubtreeCopier::content_of(value));
    }
  }
  for (std::uint32_t i = 0; i < above.size(); ++i) {
    if (!index.use(i) && !above[i].is_tombstone()) {
      builder_.add_value(SubtreeCopier::content_of(above[i]));
    }
  }
}

/// Tombstones have nothing to hide here, so they are left out.
void Merger::add_values_of_delta(const KeyView& delta) {
  const ValueListView values = delta.values();
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    if (!values[i].is_tombstone()) {
      builder_.add_value(SubtreeCopier::content_of(values[i]));
    }
  }
}

/// Copies a key that only the base has.
void Merger::copy_base(const KeyView& base) {
  if (base_.space().layered) {
    copy_base_without_layers(base);
  } else {
    base_copier_.copy(base);
  }
}

/// If the base is itself a delta, it is treated as if merged into an empty hive.
void Merger::copy_base_without_layers(const KeyView& base) {
  if (is_tombstone(base)) {
    return;
  }
  KeyContent content = base_copier_.content_of(base);
  content.class_name = assumed_class_without_base(base);
  builder_.begin_key(content);
  add_values_of_delta(base);
  for (SubkeyCursor child(base); !child.done(); child.next()) {
    copy_base_without_layers(child.key());
  }
  builder_.end_key();
}

/// Copies a key that only the delta has, with the changes that its layer bits demand.
void Merger::copy_delta(const KeyView& delta, bool inside_tree) {
  const LayerSemantics stated = semantics_of(delta);
  const LayerSemantics semantics = inside_tree ? assumed_semantics_inside_tree(stated) : stated;
  if (semantics == LayerSemantics::kTombstone) {
    note_tombstone(delta);
    return;
  }
  if (semantics != stated) {
    ++merging_keys_inside_tree_;
  } else if (semantics != LayerSemantics::kSupersedeTree &&
             (delta.layer() & kLayerInheritClass) != 0) {
    ++copied_up_without_base_;
  }
  KeyContent content = delta_copier_.content_of(delta);
  content.class_name = assumed_class_without_base(delta);
  builder_.begin_key(content);
  add_values_of_delta(delta);
  copy_subkeys_of_delta(delta, semantics == LayerSemantics::kSupersedeTree);
  builder_.end_key();
}

void Merger::copy_subkeys_of_delta(const KeyView& delta, bool inside_tree) {
  for (SubkeyCursor child(delta); !child.done(); child.next()) {
    copy_delta(child.key(), inside_tree);
  }
}

void Merger::note_tombstone(const KeyView& delta) {
  if (delta.subkey_count() != 0 || delta.values().size() != 0 || !delta.class_name().empty()) {
    ++tombstones_with_content_;
  }
}

void Merger::report(const WarningSink& warning) const {
  const auto warn_of = [&](std::uint64_t count, std::string_view what) {
    if (count != 0) {
      warning(fmt::format("{}: {} {}", delta_.subject(), count, what));
    }
  };
  warn_of(copied_up_without_base_,
          "keys are changed copies of keys that the base does not have; the delta may belong to "
          "another base");
  warn_of(tombstones_with_content_,
          "deleted keys have values, subkeys or a class, which are skipped");
  warn_of(merging_keys_inside_tree_,
          "keys below one that supersedes its tree are not marked so; treated as if they were");
}

void require_mergeable(const HiveData& image) {
  if (image.is_dirty()) {
    throw Error(ErrorCode::kCorrupt, image.subject(), "a torn hive cannot be merged");
  }
}

void check_base(const HiveData& base, const WarningSink& warning) {
  require_mergeable(base);
  if (base.space().layered && base.facts().has_layer_bits && warning) {
    warning(base.subject() + ": the base is itself a delta; its deletions are skipped");
  }
}

/// Rejects a delta that cannot be merged, and warns of one that is unusual.
void check_delta(const HiveData& delta, const WarningSink& warning) {
  require_mergeable(delta);
  if (!delta.space().layered && delta.facts().has_layer_bits) {
    throw Error(ErrorCode::kCorrupt, delta.subject(),
                "layer bits in a hive that is not marked as layered", offsetof(BaseBlock, flags));
  }
  if (is_tombstone(delta.root())) {
    throw Error(ErrorCode::kCorrupt, delta.subject(), "the root is a tombstone",
                std::uint64_t{kBaseBlockSize} + delta.root().pointer());
  }
  constexpr std::uint32_t kLayeredMinorVersion = 6;
  if (warning && delta.space().layered != (delta.space().minor_version == kLayeredMinorVersion)) {
    warning(fmt::format("{}: version 1.{} of a hive that is {}", delta.subject(),
                        delta.space().minor_version,
                        delta.space().layered ? "marked as layered" : "not marked as layered"));
  }
}

}  // namespace

MergedHive merge(const Hive& base_hive, const Hive& delta_hive, const MergeOptions& options,
                 const std::string& name) {
  const HiveData& base = *data_of(base_hive);
  const HiveData& delta = *data_of(delta_hive);
  check_base(base, options.warning);
  check_delta(delta, options.warning);
  BuildOptions build;
  build.subject = name;
  build.minor_version = assumed_merged_minor_version();
  build.last_written = options.last_written;
  build.file_name = to_utf16(name).value_or(u"");
  build.expected_size = base.bytes().size() + delta.bytes().size();
  HiveBuilder builder(std::move(build));
  Merger merger(base, delta, builder);
  merger.run();
  if (options.warning) {
    merger.report(options.warning);
  }
  return {builder.finish(), {builder.keys(), builder.values(), merger.copied_up_without_base()}};
}

// The result of each merge is the base of the next one. Only the last is written, so a failure
// leaves no file.
MergeResult merge(const std::filesystem::path& base,
                  const std::vector<std::filesystem::path>& deltas,
                  const std::filesystem::path& target, const MergeOptions& options) {
  if (deltas.empty()) {
    throw Error(ErrorCode::kInvalidArgument, base.string(), "no delta to merge");
  }
  if (std::filesystem::exists(link_status_of(target))) {
    throw Error(ErrorCode::kExists, target.string(), "already exists");
  }
  OpenOptions open;
  open.warning = options.warning;
  Hive below = Hive::open(base, open);
  MergedHive merged;
  std::uint64_t copied_up = 0;
  for (const std::filesystem::path& delta : deltas) {
    if (!merged.bytes.empty()) {
      below = Hive::from_bytes(std::move(merged.bytes), target.string());
    }
    merged = merge(below, Hive::open(delta, open), options, target.filename().string());
    copied_up += merged.result.copied_up_without_base;
  }
  merged.result.copied_up_without_base = copied_up;
  AtomicFile file(target);
  file.file().write_at(0, merged.bytes);
  file.publish(Publish::kFailIfThere);
  return merged.result;
}

}  // namespace cim::registry
