// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Examines a hive and continues after each finding. The tree is walked by the validator that
// opening a hive uses, with a sink that collects; only what needs the whole tree is checked here:
// the ring of security descriptors, duplicates, and cells that nothing refers to.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/hive.h"

#include "registry/format/base_block.h"
#include "registry/format/cell_map.h"
#include "registry/format/finding.h"
#include "registry/read/hive_data.h"
#include "registry/read/tree_validator.h"

namespace cim::registry {
namespace {

/// Examines one hive, from its base block to the cells that nothing refers to.
class Checker {
 public:
  Checker(ByteView file, CheckReport& report, Severity min_severity)
      : file_(file), report_(report), sink_(report, min_severity) {}

  void run();

 private:
  bool check_head();
  void check_ring(const CellMap& cells, const TreeValidator& tree);
  void check_ring_member(std::uint32_t pointer, const CellMap& cells, const TreeValidator& tree);
  bool is_descriptor(std::uint32_t pointer, const CellMap& cells) const;
  void check_equal_descriptors(const TreeValidator& tree);
  void count_unreachable(const CellMap& cells, const TreeValidator& tree);

  void find(Severity severity, std::uint32_t pointer, std::string text) {
    sink_.add(severity, std::uint64_t{kBaseBlockSize} + pointer, std::move(text));
  }
  SecurityRecord record_at(std::uint32_t pointer) const {
    return load<SecurityRecord>(space_.bins, pointer + kCellHeaderSize);
  }

  ByteView file_;
  CheckReport& report_;
  CollectingSink sink_;
  BaseBlock head_{};
  CellSpace space_;
};

void Checker::run() {
  if (!check_head()) {
    return;
  }
  space_ = cell_space_of(file_, head_);
  const CellMap cells(space_.bins, sink_);
  TreeValidator tree(cells, space_, sink_);
  const TreeFacts facts = tree.run(head_.root);
  report_.keys = facts.keys;
  report_.values = facts.values;
  check_ring(cells, tree);
  check_equal_descriptors(tree);
  count_unreachable(cells, tree);
}

/// Returns true if there are bins to examine.
bool Checker::check_head() {
  try {
    head_ = read_base_block(file_, {});
    if (const std::string why = dirty_reason(head_); !why.empty()) {
      sink_.add(Severity::kWarning, 0, "torn while it was written: " + why);
    }
    require_readable(head_, file_, {});
  } catch (const Error& error) {
    sink_.add(Severity::kFault, error.offset().value_or(0), error.reason());
    return false;
  }
  if (file_.size() - kBaseBlockSize != head_.bins_size) {
    sink_.add(Severity::kNote, std::uint64_t{kBaseBlockSize} + head_.bins_size,
              fmt::format("{} bytes after the last bin",
                          file_.size() - kBaseBlockSize - head_.bins_size));
  }
  return true;
}

bool Checker::is_descriptor(std::uint32_t pointer, const CellMap& cells) const {
  return cells.is_allocated(pointer) &&
         cell_data(space_.bins, pointer).size() >= sizeof(SecurityRecord) &&
         record_at(pointer).signature == kSecuritySignature;
}

/// Checks that the descriptors form one ring, forwards and backwards.
void Checker::check_ring(const CellMap& cells, const TreeValidator& tree) {
  if (tree.descriptors().empty()) {
    return;
  }
  CellSet seen(space_.bins.size());
  const auto lowest = tree.descriptors().begin();
  std::uint32_t pointer = lowest->first;
  while (is_descriptor(pointer, cells) && !seen.contains(pointer)) {
    seen.insert(pointer);
    check_ring_member(pointer, cells, tree);
    pointer = record_at(pointer).next;
  }
  if (pointer != lowest->first) {
    find(Severity::kWarning, lowest->first,
         fmt::format("the ring of security descriptors returns to {:#x} instead of this one",
                     pointer));
  }
  for (const auto& [member, references] : tree.descriptors()) {
    if (!seen.contains(member)) {
      find(Severity::kWarning, member, "a security descriptor outside the ring");
    }
  }
}

/// Checks what one descriptor says about itself: its neighbour and how many keys have it.
void Checker::check_ring_member(std::uint32_t pointer, const CellMap& cells,
                                const TreeValidator& tree) {
  const SecurityRecord record = record_at(pointer);
  if (is_descriptor(record.next, cells) && record_at(record.next).previous != pointer) {
    find(Severity::kWarning, pointer,
         "the security descriptor after this one does not point back to it");
  }
  const auto used = tree.descriptors().find(pointer);
  const std::uint32_t due = used != tree.descriptors().end() ? used->second : 0;
  if (record.references != due) {
    find(Severity::kWarning, pointer,
         fmt::format("a security descriptor states {} references, but has {}",
                     std::uint32_t{record.references}, due));
  }
}

/// Windows stores equal descriptors once; a hive with two is valid and larger than needed.
void Checker::check_equal_descriptors(const TreeValidator& tree) {
  if (!sink_.wants(Severity::kNote)) {
    return;
  }
  std::map<std::string_view, std::uint32_t> known;
  for (const auto& [pointer, references] : tree.descriptors()) {
    const ByteView bytes = space_.bins.subspan(pointer + kCellHeaderSize + sizeof(SecurityRecord),
                                               record_at(pointer).descriptor_size);
    const auto [twin, is_new] = known.emplace(as_text(bytes), pointer);
    if (!is_new) {
      find(
          Severity::kNote, std::max(pointer, twin->second),
          fmt::format("the same security descriptor as at {:#x}", std::min(pointer, twin->second)));
    }
  }
}

/// Cells that are allocated and that no pointer leads to: space that Windows lost track of.
void Checker::count_unreachable(const CellMap& cells, const TreeValidator& tree) {
  std::uint64_t count = 0;
  std::uint32_t first = kNil;
  cells.for_each_allocated([&](std::uint32_t pointer) {
    if (!tree.is_used(pointer)) {
      first = std::min(first, pointer);
      ++count;
      report_.unreachable_bytes += cell_data(space_.bins, pointer).size() + kCellHeaderSize;
    }
  });
  if (count != 0) {
    find(Severity::kNote, first,
         fmt::format("{} allocated cells ({} bytes) are unreferenced; this is the first", count,
                     report_.unreachable_bytes));
  }
}

}  // namespace

CheckReport check(std::span<const std::byte> bytes, const CheckOptions& options) {
  CheckReport report;
  Checker(bytes, report, options.min_severity).run();
  return report;
}

CheckReport check(const std::filesystem::path& path, const CheckOptions& options) {
  return check(read_hive_file(path), options);
}

}  // namespace cim::registry
