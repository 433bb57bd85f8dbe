// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Reading a layer's tar. What is accepted must keep what the records promise. No mutation finds the
// checksum of a header, so those of the blocks that say "ustar" are put right first, unless the
// first byte of the input is odd.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "tar/windows_records.h"

namespace {

using cim::tar::RecordKind;
using cim::tar::WindowsRecord;

class TextSource final : public cim::tar::Source {
 public:
  explicit TextSource(std::string_view text) : Source("input"), text_(text) {}

  cim::ByteView next() override { return cim::as_bytes(std::exchange(text_, {})); }

 private:
  std::string_view text_;
};

void put_checksums_right(std::string& tar) {
  for (std::size_t at = 0; at + 512 <= tar.size(); at += 512) {
    if (tar.compare(at + 257, 5, "ustar") != 0) {
      continue;
    }
    std::fill_n(tar.begin() + static_cast<std::ptrdiff_t>(at + 148), 8, ' ');
    unsigned sum = 0;
    for (const char c : std::string_view(tar).substr(at, 512)) {
      sum += static_cast<unsigned char>(c);
    }
    tar.replace(at + 148, 6, fmt::format("{:06o}", sum));
  }
}

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

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

// The next record, its body read; null at the end and where the tar is refused.
const WindowsRecord* next_or_end(cim::tar::WindowsReader& reader) {
  try {
    const WindowsRecord* const record = reader.next();
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
  std::string tar(cim::as_text(std::as_bytes(std::span(data, size).subspan(1))));
  if (data[0] % 2 == 0) {
    put_checksums_right(tar);
  }
  TextSource source(tar);
  cim::tar::WindowsReader reader(source);
  while (const WindowsRecord* const record = next_or_end(reader)) {
    check(*record);
  }
  return 0;
}
