// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A log contains dirty pages of the hive in entries with consecutive numbers. Windows writes two
// logs in turn, so the entries of both are put in order, and those are applied that continue from
// the hive's own number without a gap. Nothing is written to the hive's file.
#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/checked_math.h"
#include "registry/format/base_block.h"
#include "registry/format/cell_map.h"
#include "registry/format/cells.h"
#include "registry/read/hive_data.h"

namespace cim::registry {
namespace {

constexpr std::size_t kSector = 512;
constexpr std::uint32_t kFirstNewLogType = 6;

/// A log, and what is wrong with it or why none of its entries is applied.
struct Log {
  const LogFile* file;
  BaseBlock head{};
  std::vector<ByteView> entries{};  // those that are complete
  std::string fault{};              // empty if the log is usable
  bool is_old = false;
};

/// An entry to apply, and the log that contains it.
struct Step {
  ByteView entry;
  const Log* log;
};

LogEntryHeader head_of(ByteView entry) {
  return load<LogEntryHeader>(entry, 0);
}

/// Returns true if the pages of an entry fit inside the entry, and inside the hive as it is after
/// the entry.
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

/// Returns the entry at the start of `rest`; nullopt if it is not complete.
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

std::uint32_t sequence_of(ByteView entry) {
  return head_of(entry).sequence;
}

/// Collects entries up to the first that is damaged or left over from an earlier use of the file.
void read_entries(Log& log) {
  const ByteView bytes = log.file->bytes;
  std::uint32_t due = log.head.primary_sequence;
  std::size_t at = kSector;
  while (const auto entry = entry_at(bytes.subspan(at))) {
    // Entries left over from an earlier use of the file follow the current ones.
    if (sequence_of(*entry) < due) {
      break;
    }
    due = sequence_of(*entry);
    log.entries.push_back(*entry);
    at += entry->size();
  }
  if (log.entries.empty()) {
    log.fault = "it has no complete entry";
  }
}

/// Reads a log as far as it can be used; the reason why not becomes its fault.
Log read_log(const LogFile& file) {
  Log log{.file = &file};
  const ByteView bytes = file.bytes;
  if (bytes.size() < kSector + sizeof(Signature4)) {
    log.fault = bytes.empty() ? "it is empty" : "it is too short for a log";
    return log;
  }
  log.head = load<BaseBlock>(bytes, 0);
  if (log.head.signature != kHiveSignature) {
    log.fault = "it is not a transaction log";
  } else if (!has_right_checksum(log.head)) {
    log.fault = "its head is damaged";
  } else if (load<Signature4>(bytes, kSector) == kOldLogSignature) {
    log.fault = "it has the format of Windows 8 and before, which is not supported";
    log.is_old = true;
  } else if (log.head.file_type != kFirstNewLogType) {
    log.fault = fmt::format("its file type is {}, not {}", std::uint32_t{log.head.file_type},
                            kFirstNewLogType);
  } else {
    read_entries(log);
  }
  return log;
}

std::vector<Log> read_logs(std::span<const LogFile> files) {
  std::vector<Log> logs;
  std::ranges::transform(files, std::back_inserter(logs), read_log);
  return logs;
}

/// Returns the usable log with the latest entry, from which alone a hive with a damaged base block
/// is recovered; nullptr if no log is usable.
Log* latest_of(std::vector<Log>& logs) {
  Log* latest = nullptr;
  for (Log& log : logs) {
    if (log.fault.empty() && (latest == nullptr || sequence_of(latest->entries.back()) <
                                                       sequence_of(log.entries.back()))) {
      latest = &log;
    }
  }
  return latest;
}

/// Returns all entries that are not older than `since`, in order. An entry that two logs share is
/// returned once.
std::vector<Step> steps_since(std::vector<Log>& logs, std::uint32_t since,
                              const std::string& subject) {
  std::vector<Step> steps;
  for (Log& log : logs) {
    if (!log.fault.empty()) {
      continue;
    }
    for (const ByteView entry : log.entries) {
      if (sequence_of(entry) >= since) {
        steps.push_back({entry, &log});
      }
    }
    if (sequence_of(log.entries.back()) < since) {
      log.fault = fmt::format(
          "it has no entry that belongs to the hive: its last is number {}, but the hive already "
          "has all before {}",
          sequence_of(log.entries.back()), since);
    }
  }
  std::ranges::stable_sort(steps, {}, [](const Step& step) { return sequence_of(step.entry); });
  const auto same = [&subject](const Step& a, const Step& b) {
    if (sequence_of(a.entry) != sequence_of(b.entry)) {
      return false;
    }
    if (!equal(a.entry, b.entry)) {
      throw Error(ErrorCode::kCorrupt, subject,
                  fmt::format("torn while it was written, and its logs contradict each other: "
                              "entry {} of {} differs from that of {}",
                              sequence_of(a.entry), a.log->file->name, b.log->file->name));
    }
    return true;
  };
  steps.erase(std::unique(steps.begin(), steps.end(), same), steps.end());
  return steps;
}

/// Keeps only the steps that continue from `since` without a gap. For steps after a gap, the gap is
/// recorded as the fault of their log.
void cut_at_gap(std::vector<Step>& steps, std::vector<Log>& logs, std::uint32_t since) {
  std::uint64_t due = since;
  const auto gap = std::ranges::find_if(
      steps, [&due](const Step& step) { return sequence_of(step.entry) != due++; });
  if (gap == steps.end()) {
    return;
  }
  const std::string fault = fmt::format("entry {} is missing, so entry {} cannot be applied",
                                        due - 1, sequence_of(gap->entry));
  for (Log& log : logs) {
    if (std::any_of(gap, steps.end(), [&log](const Step& step) { return step.log == &log; })) {
      log.fault = fault;
    }
  }
  steps.erase(gap, steps.end());
}

/// Describes, log by log, how many entries are applied and why the others are not.
std::string verdict_on(const std::vector<Log>& logs, const std::vector<Step>& steps) {
  std::string text;
  for (const Log& log : logs) {
    const auto used = std::ranges::count(steps, &log, &Step::log);
    text += fmt::format("; {}: {} {} applied{}{}", log.file->name, used,
                        used == 1 ? "entry" : "entries", log.fault.empty() ? "" : ", ", log.fault);
  }
  return text;
}

/// The old format is named first, since such a log may well be intact.
[[noreturn]] void fail_unrecoverable(const std::vector<Log>& logs, const std::string& subject) {
  const bool has_old = std::ranges::any_of(logs, &Log::is_old);
  throw Error(has_old ? ErrorCode::kUnsupported : ErrorCode::kCorrupt, subject,
              "torn while it was written, and its logs cannot repair it" + verdict_on(logs, {}));
}

/// Copies the pages of an entry over those of the hive. pages_fit() has checked all offsets and
/// sizes.
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

// Marvin32 with the fixed seed that Windows uses for logs.
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

Bytes recover_from_logs(Bytes hive, const std::string& subject, std::span<const LogFile> files,
                        const WarningSink& warning) {
  std::vector<Log> logs = read_logs(files);
  auto head = load<BaseBlock>(hive, 0);
  std::uint32_t since = head.secondary_sequence;
  if (Log* const latest = latest_of(logs); latest != nullptr && !has_right_checksum(head)) {
    head = latest->head;
    since = head.primary_sequence;
    for (Log& log : logs) {
      if (&log != latest && log.fault.empty()) {
        log.fault = "the head of the hive is damaged, and another log has later entries";
      }
    }
  }
  std::vector<Step> steps = steps_since(logs, since, subject);
  cut_at_gap(steps, logs, since);
  if (steps.empty()) {
    fail_unrecoverable(logs, subject);
  }
  // The pages by which the hive grew are in the entries, so the sizes add up to an upper bound.
  std::size_t limit = hive.size();
  for (const LogFile& file : files) {
    limit += file.bytes.size();
  }
  for (const auto& [entry, log] : steps) {
    const std::size_t size = kBaseBlockSize + std::size_t{head_of(entry).bins_size};
    if (size > limit) {
      throw Error(
          ErrorCode::kCorrupt, subject,
          fmt::format("an entry of its log {} enlarges it to {} bytes without providing them",
                      log->file->name, size));
    }
    hive.resize(std::max(hive.size(), size));
    apply(entry, hive);
  }
  const LogEntryHeader last = head_of(steps.back().entry);
  head.bins_size = last.bins_size;
  head.file_type = 0;
  head.flags = (head.flags & ~kHiveTransactionsPending) | (last.flags & kHiveTransactionsPending);
  head.primary_sequence = last.sequence + 1;
  head.secondary_sequence = last.sequence + 1;
  head.checksum = checksum_of(head);
  std::memcpy(hive.data(), &head, sizeof(head));
  if (warning) {
    warning(subject + ": torn while it was written, and recovered" + verdict_on(logs, steps));
  }
  return hive;
}

}  // namespace cim::registry
