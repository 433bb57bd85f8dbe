// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/log.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/checked_math.h"
#include "registry/base_block.h"
#include "registry/cell_map.h"
#include "registry/cells.h"

namespace cim::registry {
namespace {

constexpr std::size_t kSector = 512;
constexpr std::uint32_t kFirstNewLogType = 6;

/// A log that is whole at its head, and those of its entries that are.
struct Log {
  BaseBlock head;
  std::vector<ByteView> entries;
};

LogEntryHeader head_of(ByteView entry) {
  return load<LogEntryHeader>(entry, 0);
}

/// Whether the pages of an entry lie inside it and inside the hive as it is after the entry.
bool pages_fit(ByteView entry) {
  const LogEntryHeader head = head_of(entry);
  const std::uint64_t pages = head.page_count;
  std::uint64_t end = sizeof(LogEntryHeader) + pages * sizeof(LogPage);
  if (end > entry.size()) {
    return false;
  }
  for (std::uint64_t i = 0; i < pages; ++i) {
    const auto page = load<LogPage>(
        entry, static_cast<std::size_t>(sizeof(LogEntryHeader) + i * sizeof(LogPage)));
    end += page.size;
    if (end > entry.size() || !fits_within(page.offset, page.size, head.bins_size)) {
      return false;
    }
  }
  return true;
}

/// The entry at the start of `rest`, if it is whole.
std::optional<ByteView> entry_at(ByteView rest) {
  if (rest.size() < sizeof(LogEntryHeader)) {
    return std::nullopt;
  }
  const LogEntryHeader head = head_of(rest);
  const std::uint32_t size = head.size;
  if (head.signature != kLogEntrySignature || size < kSector || size % kSector != 0 ||
      size > rest.size() || head.bins_size % kBinAlignment != 0) {
    return std::nullopt;
  }
  const ByteView entry = rest.first(size);
  const bool whole = head.content_hash == log_hash(entry.subspan(sizeof(LogEntryHeader))) &&
                     head.head_hash == log_hash(entry.first(offsetof(LogEntryHeader, head_hash)));
  return whole && pages_fit(entry) ? std::optional(entry) : std::nullopt;
}

std::optional<Log> read_log(ByteView bytes, const std::string& subject) {
  if (bytes.size() < kSector + sizeof(Signature4)) {
    return std::nullopt;
  }
  Log log{load<BaseBlock>(bytes, 0), {}};
  if (log.head.signature != kHiveSignature || !has_right_checksum(log.head)) {
    return std::nullopt;
  }
  if (load<Signature4>(bytes, kSector) == kOldLogSignature) {
    throw Error(ErrorCode::kUnsupported, subject,
                "its log has the format of Windows 8 and before, which is not read");
  }
  if (log.head.file_type != kFirstNewLogType) {
    return std::nullopt;
  }
  std::uint32_t due = log.head.primary_sequence;
  std::size_t at = kSector;
  while (const auto entry = entry_at(bytes.subspan(at))) {
    // Entries of an earlier use of the file follow those of the present one.
    if (head_of(*entry).sequence < due) {
      break;
    }
    due = head_of(*entry).sequence;
    log.entries.push_back(*entry);
    at += entry->size();
  }
  return log.entries.empty() ? std::nullopt : std::optional(std::move(log));
}

std::vector<Log> read_logs(const std::vector<Bytes>& logs, const std::string& subject) {
  std::vector<Log> found;
  for (const Bytes& bytes : logs) {
    if (auto log = read_log(bytes, subject)) {
      found.push_back(std::move(*log));
    }
  }
  return found;
}

bool ends_earlier(const Log& a, const Log& b) {
  return head_of(a.entries.back()).sequence < head_of(b.entries.back()).sequence;
}

/// What to apply, in order: ascending from the first that is not older than `since`, to the first
/// gap.
std::vector<ByteView> entries_since(const std::vector<Log>& logs, std::uint32_t since) {
  std::vector<ByteView> entries;
  for (const Log& log : logs) {
    std::copy_if(log.entries.begin(), log.entries.end(), std::back_inserter(entries),
                 [since](ByteView entry) { return head_of(entry).sequence >= since; });
  }
  std::stable_sort(entries.begin(), entries.end(), [](ByteView a, ByteView b) {
    return head_of(a).sequence < head_of(b).sequence;
  });
  const auto gap = std::adjacent_find(entries.begin(), entries.end(), [](ByteView a, ByteView b) {
    return std::uint64_t{head_of(a).sequence} + 1 != head_of(b).sequence;
  });
  if (gap != entries.end()) {
    entries.erase(gap + 1, entries.end());
  }
  return entries;
}

void apply(ByteView entry, Bytes& hive) {
  const LogEntryHeader head = head_of(entry);
  std::size_t at = sizeof(LogEntryHeader) + std::size_t{head.page_count} * sizeof(LogPage);
  for (std::size_t i = 0; i < head.page_count; ++i) {
    const auto page = load<LogPage>(entry, sizeof(LogEntryHeader) + i * sizeof(LogPage));
    const ByteView content = entry.subspan(at, page.size);
    std::copy(
        content.begin(), content.end(),
        hive.begin() + static_cast<std::ptrdiff_t>(kBaseBlockSize + std::size_t{page.offset}));
    at += page.size;
  }
}

}  // namespace

std::uint64_t log_hash(ByteView bytes) noexcept {
  std::uint32_t low = 0x7A4E55C5;
  std::uint32_t high = 0x82EF4D88;
  const auto mix = [&low, &high](std::uint32_t word) {
    low += word;
    high ^= low;
    low = std::rotl(low, 20) + high;
    high = std::rotl(high, 9) ^ low;
    low = std::rotl(low, 27) + high;
    high = std::rotl(high, 19);
  };
  for (std::size_t at = 0; at + sizeof(Le32) <= bytes.size(); at += sizeof(Le32)) {
    mix(load<Le32>(bytes, at));
  }
  mix(0x80);
  mix(0);
  return std::uint64_t{high} << 32 | low;
}

Bytes recover_from_logs(Bytes hive, const std::string& subject, const std::vector<Bytes>& logs) {
  std::vector<Log> found = read_logs(logs, subject);
  auto head = load<BaseBlock>(hive, 0);
  std::uint32_t since = head.secondary_sequence;
  if (!found.empty() && !has_right_checksum(head)) {
    const Log latest = *std::max_element(found.begin(), found.end(), ends_earlier);
    head = latest.head;
    since = latest.head.primary_sequence;
    found = {latest};
  }
  const std::vector<ByteView> entries = entries_since(found, since);
  if (entries.empty()) {
    throw Error(ErrorCode::kCorrupt, subject,
                "torn while it was written, and its logs have no entry that belongs to it");
  }
  // Pages that the hive grew by are in the entries, so together they bound what it can be.
  std::size_t limit = hive.size();
  for (const Bytes& log : logs) {
    limit += log.size();
  }
  for (const ByteView entry : entries) {
    const std::size_t size = kBaseBlockSize + std::size_t{head_of(entry).bins_size};
    if (size > limit) {
      throw Error(
          ErrorCode::kCorrupt, subject,
          fmt::format("an entry of its log makes it {} bytes large, without having them", size));
    }
    hive.resize(std::max(hive.size(), size));
    apply(entry, hive);
  }
  const LogEntryHeader last = head_of(entries.back());
  head.bins_size = last.bins_size;
  head.file_type = 0;
  head.flags = (head.flags & ~kHiveTransactionsPending) | (last.flags & kHiveTransactionsPending);
  head.primary_sequence = last.sequence + 1;
  head.secondary_sequence = last.sequence + 1;
  head.checksum = checksum_of(head);
  std::memcpy(hive.data(), &head, sizeof(head));
  return hive;
}

}  // namespace cim::registry
