// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/tar_entries.h"

#include <string>

#include <fmt/format.h>

#include "cimlib/error.h"

namespace cim::layer {

FileMetadata metadata_of(const tar::WindowsRecord& record) {
  return {.attributes = record.attributes,
          .times = record.times,
          .security_descriptor = record.security_descriptor,
          .extended_attributes = record.extended_attributes,
          .reparse_data = record.reparse_data};
}

bool has_body(const tar::WindowsRecord& record) noexcept {
  return record.kind == tar::RecordKind::kFile || record.kind == tar::RecordKind::kStream;
}

// Checks the sizes in the headers before any of the bytes are stored: holes need no space in a tar.
void TarEntries::check_limits(const tar::WindowsRecord& record) {
  const ImportLimits& limits = options_.limits;
  if (count_ >= limits.entries) {
    throw Error(ErrorCode::kLimit, reader_.source_name(),
                fmt::format("more than the {} entries allowed", limits.entries),
                reader_.record_offset());
  }
  const std::uint64_t size = has_body(record) ? record.size : 0;
  if (size > limits.size - content_size_) {
    throw Error(ErrorCode::kLimit, reader_.source_name(),
                fmt::format("{}: its {} bytes make the files larger than the {} bytes allowed",
                            reader_.current_path(), size, limits.size),
                reader_.record_offset());
  }
  content_size_ += size;
}

void TarEntries::warn_of_end(bool is_verified) const {
  if (!options_.warning) {
    return;
  }
  if (!reader_.had_end_marker() && !is_verified) {
    options_.warning(reader_.source_name() +
                     ": the tar has no end marker; if it was truncated, entries are missing");
  }
  if (reader_.had_data_after_end()) {
    options_.warning(reader_.source_name() + ": data after the end of the tar was ignored");
  }
}

void TarEntries::report() const {
  if (options_.stop.stop_requested()) {
    throw Error(ErrorCode::kCancelled, reader_.source_name(), std::string(options_.cancelled));
  }
  if (options_.progress) {
    options_.progress({.bytes_done = input_.bytes_done(),
                       .bytes_total = input_.bytes_total(),
                       .entries_done = count_,
                       .current = {}});
  }
}

}  // namespace cim::layer
