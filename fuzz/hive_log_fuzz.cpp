// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is a torn hive and two logs: u24 size of the hive, u24 size of the first log,
// little-endian, the hive, the logs. The recovered hive must not be larger than its input, must not
// be torn, and must be read or rejected like any hive. Checksums and hashes are corrected first, or
// no input would pass them.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/hive.h"

#include "base/bytes.h"
#include "registry/format/base_block.h"
#include "registry/format/cell_map.h"
#include "registry/read/hive_data.h"

namespace {

using cim::Bytes;
using cim::ByteView;
using cim::registry::BaseBlock;
using cim::registry::kBaseBlockSize;
using cim::registry::LogEntryHeader;
using cim::registry::LogFile;

constexpr std::size_t kSector = 512;

template <typename T>
void store(const T& value, Bytes& bytes, std::size_t at) {
  std::memcpy(bytes.data() + at, &value, sizeof(value));
}

Bytes as_torn_hive(ByteView input) {
  Bytes bytes(input.begin(), input.end());
  auto head = cim::registry::load<BaseBlock>(bytes, 0);
  head.checksum = cim::registry::checksum_of(head);
  store(head, bytes, 0);
  return bytes;
}

/// Corrects the hashes of each entry that starts where the previous one ends.
Bytes as_whole_log(ByteView input) {
  Bytes bytes(input.begin(), input.end());
  if (bytes.size() < kBaseBlockSize) {
    return bytes;
  }
  auto log = cim::registry::load<BaseBlock>(bytes, 0);
  log.checksum = cim::registry::checksum_of(log);
  store(log, bytes, 0);
  for (std::size_t at = kSector; at + kSector <= bytes.size();) {
    auto head = cim::registry::load<LogEntryHeader>(bytes, at);
    const std::size_t size =
        std::clamp<std::size_t>(head.size / kSector * kSector, kSector, bytes.size() - at);
    const ByteView entry = ByteView(bytes).subspan(at, size);
    head.content_hash = cim::registry::log_hash(entry.subspan(sizeof(head)));
    store(head, bytes, at);
    head.head_hash = cim::registry::log_hash(entry.first(offsetof(LogEntryHeader, head_hash)));
    store(head, bytes, at);
    at += size;
  }
  return bytes;
}

void recover_and_read(Bytes hive, const std::vector<LogFile>& logs) {
  const std::size_t room = hive.size() + logs[0].bytes.size() + logs[1].bytes.size();
  Bytes recovered = cim::registry::recover_from_logs(std::move(hive), "input", logs, {});
  const auto head = cim::registry::load<BaseBlock>(recovered, 0);
  if (recovered.size() > room || !cim::registry::dirty_reason(head).empty()) {
    std::abort();
  }
  (void)cim::registry::Hive::from_bytes(std::move(recovered), "recovered");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHead = 6;
  if (size < kHead + kBaseBlockSize) {
    return 0;
  }
  const auto u24 = [data](std::size_t at) {
    return data[at] | std::size_t{data[at + 1]} << 8 | std::size_t{data[at + 2]} << 16;
  };
  const auto input = std::as_bytes(std::span(data, size)).subspan(kHead);
  const std::size_t hive = std::clamp<std::size_t>(u24(0), kBaseBlockSize, input.size());
  const std::size_t first = std::min(u24(3), input.size() - hive);
  try {
    recover_and_read(as_torn_hive(input.first(hive)),
                     {{"LOG1", as_whole_log(input.subspan(hive, first))},
                      {"LOG2", as_whole_log(input.subspan(hive + first))}});
  } catch (const cim::Error&) {
    // Most inputs should be rejected.
  }
  return 0;
}
