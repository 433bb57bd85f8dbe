// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/streams.h"

#include <utility>

#include <fmt/format.h>

#include "base/utf16.h"

namespace cim::image_check {
namespace {

constexpr std::uint64_t kLengthOffset = offsetof(format::DiskStream, length_and_type);

}  // namespace

void check_order(const format::LinkTable& table, const format::UpcaseTable& upcase,
                 format::FindingSink& sink) {
  std::optional<std::uint32_t> before;
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    if (!table.has_name(i)) {
      continue;
    }
    const auto order =
        before ? table.compare_names(*before, i, upcase) : std::strong_ordering::less;
    if (order == 0) {
      sink.add(Kind::kNameTwice, table.name_offset(i),
               fmt::format("\"{}\" occurs twice", to_wtf8(table.name(i))));
    } else if (order > 0) {
      sink.add(Kind::kNameOrder, table.name_offset(i),
               fmt::format("\"{}\" follows \"{}\"", to_wtf8(table.name(i)),
                           to_wtf8(table.name(*before))));
    }
    before = i;
  }
}

void StreamChecker::check(const format::DiskStream& disk, const Spot& spot) {
  SpotSink sink(context_.findings, spot);
  format::check_unused(disk, sink);
  const format::Stream stream = format::decode(disk);
  const bool is_data = stream.type == format::StreamType::kData;
  if (!is_data && (stream.type != format::StreamType::kPeImage || stream.sparse)) {
    context_.findings.add(
        Kind::kStreamType, spot.at(kLengthOffset),
        fmt::format("a stream of type {}{}, expected data", static_cast<int>(stream.type),
                    stream.sparse ? " that is sparse" : ""));
  } else if (stream.sparse) {
    if (!stream.data.is_absent()) {
      context_.findings.add(Kind::kStreamSparse, spot, "a sparse stream has an offset");
    }
  } else if (stream.length == 0) {
    check_empty(stream, spot);
  } else if (is_data) {
    check_data(stream, spot);
  } else {
    check_pe(stream, spot);
  }
}

// Microsoft's reader rejects an offset that is outside all regions, even to read no bytes.
void StreamChecker::check_empty(const format::Stream& stream, const Spot& spot) {
  if (!context_.regions.fits(stream.data, 0)) {
    context_.findings.add(Kind::kEmptyStream, spot, "an empty stream has an invalid offset");
  }
}

void StreamChecker::check_data(const format::Stream& stream, const Spot& spot) {
  if (!context_.regions.holds(stream.data, stream.length, "the data", spot)) {
    return;
  }
  check_data_place(stream.data, stream.length, spot, context_);
  context_.claim(stream.data, stream.length, ObjectKind::kData, spot.id);
}

void StreamChecker::check_pe(const format::Stream& stream, const Spot& spot) {
  const auto [known, is_new] = known_pe_images_.try_emplace(stream.data.raw(), stream.length);
  if (is_new) {
    check_pe_image(stream, spot, context_);
  } else if (known->second != stream.length) {
    context_.findings.add(
        Kind::kPeLength, spot.at(kLengthOffset),
        fmt::format("an expanded executable of {} bytes is also used as one of {} bytes",
                    known->second, stream.length));
  }
}

// Checks only where the names are; check_tree() reads them.
bool StreamChecker::check_directory(const format::DiskStream& disk, const Spot& spot) {
  SpotSink sink(context_.findings, spot);
  format::check_unused(disk, sink);
  const format::Stream stream = format::decode(disk);
  if (stream.sparse) {
    context_.findings.add(Kind::kStreamType, spot.at(kLengthOffset),
                          "a directory cannot be sparse");
  }
  if (stream.length == 0) {
    if (!stream.data.is_absent()) {
      context_.findings.add(Kind::kEmptyDirectory, spot,
                            "an empty directory has an offset for its names");
    }
    return false;
  }
  if (stream.length > format::kMaxLinkTableSize) {
    context_.findings.add(Kind::kTableLength, spot.at(kLengthOffset),
                          fmt::format("a directory of {} bytes; the limit is {}", stream.length,
                                      format::kMaxLinkTableSize));
    return false;
  }
  constexpr std::string_view kWhat = "the directory";
  if (!context_.regions.holds(stream.data, stream.length, kWhat, spot)) {
    return false;
  }
  context_.regions.check_metadata_place(stream.data, kWhat, spot, Kind::kTableAlignment);
  context_.claim(stream.data, stream.length, ObjectKind::kDirectory, spot.id);
  return true;
}

// Reads a table by its own length; nullopt if it is not within its region.
std::optional<Bytes> StreamChecker::whole_table(format::RegionOffset offset, const Spot& spot) {
  constexpr std::string_view kWhat = "the table of streams";
  std::array<std::byte, format::kLinkTableHeaderSize> head{};
  if (!context_.regions.fits(offset, head.size()) ||
      !context_.regions.read(offset, head, kWhat, spot)) {
    return std::nullopt;
  }
  const std::uint64_t length = format::LinkTable::stated_length(head);
  if (length < head.size() || length > format::kMaxLinkTableSize ||
      !context_.regions.fits(offset, length)) {
    return std::nullopt;
  }
  return context_.regions.read(offset, length, kWhat, spot);
}

// Parses the table without reporting anything, to decide between its two possible forms.
bool StreamChecker::is_sound(const Bytes& table) const {
  CheckReport report;
  Findings unheard(report, 0);
  SpotSink sink(unheard, {&context_.image});
  const format::LinkTable parsed(table, format::LinkTable::Values::kStreams, sink);
  return report.faults == 0;
}

void StreamChecker::check_table(format::RegionOffset offset, const Spot& spot) {
  constexpr std::string_view kWhat = "the table of streams";
  if (offset.is_absent() || !known_tables_.insert(offset.raw()).second ||
      !context_.regions.holds(offset, format::kLinkTableHeaderSize, kWhat, spot)) {
    return;
  }
  context_.regions.check_metadata_place(offset, kWhat, spot, Kind::kTableAlignment);
  auto table = whole_table(offset, spot);
  if (table && is_sound(*table)) {
    context_.claim(offset, table->size(), ObjectKind::kStreamTable, spot.id);
    take_streams(*std::move(table), offset, spot.id);
    return;
  }
  // The published descriptions differ: there may be a count first, and then the table.
  const format::RegionOffset behind(offset.raw() + sizeof(Le32));
  if (auto counted = whole_table(behind, spot); counted && is_sound(*counted)) {
    context_.findings.add(Kind::kTableCounted, spot, "the table of streams starts with a count");
    context_.claim(offset, sizeof(Le32) + counted->size(), ObjectKind::kStreamTable, spot.id);
    take_streams(*std::move(counted), behind, spot.id);
    return;
  }
  report_table(offset, std::move(table), spot);
}

void StreamChecker::report_table(format::RegionOffset offset, std::optional<Bytes> table,
                                 const Spot& spot) {
  if (!table) {
    context_.findings.add(Kind::kTableLength, context_.regions.spot(offset, spot.id),
                          "the table of streams extends past its region");
    return;
  }
  context_.claim(offset, table->size(), ObjectKind::kStreamTable, spot.id);
  take_streams(*std::move(table), offset, spot.id);
}

void StreamChecker::take_streams(Bytes bytes, format::RegionOffset offset, FileId id) {
  const Spot start = context_.regions.spot(offset, id);
  SpotSink sink(context_.findings, start);
  const format::LinkTable table(std::move(bytes), format::LinkTable::Values::kStreams, sink);
  check_order(table, upcase_, sink);
  context_.report.streams += table.size();
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    const std::string name = table.has_name(i) ? to_wtf8(table.name(i)) : fmt::format("({})", i);
    Spot spot = start.at(table.value_offset(i));
    spot.stream = name;
    check(table.disk_stream(i), spot);
  }
}

}  // namespace cim::image_check
