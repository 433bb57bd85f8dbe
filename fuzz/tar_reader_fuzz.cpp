// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Reads a layer's tar; what is accepted must satisfy the documented guarantees. Mutations hardly
// ever hit a header's checksum, so unless the first byte of the input is odd, the checksums of
// blocks that contain "ustar" are corrected first.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cimlib/error.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "tar/windows_records.h"
#include "tar_fuzzing.h"

namespace {

using cim::fuzz::require;
using cim::tar::RecordKind;
using cim::tar::WindowsRecord;

void check(const WindowsRecord& record) {
  require(!record.path.empty());
  for (const auto& name : record.path) {
    require(!name.empty() && name.size() <= 255 && name != u"." && name != u"..");
    require(name.find_first_of(std::u16string_view(u"/\\:\0", 4)) == std::u16string::npos);
  }
  require((record.kind == RecordKind::kStream) == !record.stream.empty());
  require((record.kind == RecordKind::kHardLink) == !record.link_target.empty());
  require((record.kind == RecordKind::kReparsePoint) == !record.reparse_data.empty());
  if (!record.reparse_data.empty()) {
    cim::ReparsePoint::parse(record.reparse_data);
  }
  if (!record.security_descriptor.empty()) {
    cim::validate_security_descriptor(record.security_descriptor);
  }
  cim::parse_extended_attributes(record.extended_attributes);
}

// Returns the next record after reading its body; null at the end or if the tar is rejected.
const WindowsRecord* next_or_end(cim::tar::WindowsReader& reader) {
  try {
    const WindowsRecord* const record = reader.next();
    if (record != nullptr && record->size > cim::fuzz::kMaxBodySize) {
      return record;
    }
    std::uint64_t size = 0;
    for (auto run = reader.body(1000); !run.empty(); run = reader.body(1000)) {
      size += run.size();
    }
    require(record == nullptr || record->size == size || record->kind >= RecordKind::kWhiteout);
    return record;
  } catch (const cim::Error&) {
    return nullptr;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string tar =
      cim::fuzz::tar_of_input(cim::as_text(std::as_bytes(std::span(data, size))));
  cim::fuzz::TextSource source(tar);
  cim::tar::WindowsReader reader(source);
  while (const WindowsRecord* const record = next_or_end(reader)) {
    check(*record);
  }
  return 0;
}
