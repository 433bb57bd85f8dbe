// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Checks streams: data, sparse streams and expanded executables, the streams that hold a
// directory's names, and the tables of alternate streams.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "format/link_table.h"
#include "format/stream.h"
#include "image/check/context.h"
#include "os/seeded_hash.h"

namespace cim::image_check {

/// Checks the stream of type PE image whose sixteen bytes are at `spot`.
void check_pe_image(const format::Stream& stream, const Spot& spot, Context& context);

/// Checks that data are in a region of the type that their length requires, and aligned
/// accordingly. The data must be within a region.
void check_data_place(format::RegionOffset offset, std::uint64_t length, const Spot& spot,
                      Context& context);

/// Reports names that are out of order or equal.
void check_order(const format::LinkTable& table, const format::UpcaseTable& upcase,
                 format::FindingSink& sink);

/// Checks streams of any kind. Tables and maps that several files share are checked once.
class StreamChecker {
 public:
  /// Both must outlive this object.
  StreamChecker(Context& context, const format::UpcaseTable& upcase)
      : context_(context), upcase_(upcase) {}

  /// Checks a stream of data whose sixteen bytes are at `spot`.
  void check(const format::DiskStream& disk, const Spot& spot);

  /// Checks the default stream of a directory. Returns whether its names can be read.
  bool check_directory(const format::DiskStream& disk, const Spot& spot);

  /// Checks the table of alternate streams at `offset`, which is stored at `spot`.
  void check_table(format::RegionOffset offset, const Spot& spot);

 private:
  void check_data(const format::Stream& stream, const Spot& spot);
  void check_empty(const format::Stream& stream, const Spot& spot);
  void check_pe(const format::Stream& stream, const Spot& spot);
  std::optional<Bytes> whole_table(format::RegionOffset offset, const Spot& spot);
  bool is_sound(const Bytes& table) const;
  void take_streams(Bytes bytes, format::RegionOffset offset, FileId id);
  void report_table(format::RegionOffset offset, std::optional<Bytes> table, const Spot& spot);

  Context& context_;
  const format::UpcaseTable& upcase_;
  SeededSet<std::uint64_t> known_tables_;
  SeededMap<std::uint64_t, std::uint64_t> known_pe_images_;  // offset, length of the file
};

}  // namespace cim::image_check
