// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "base/bytes.h"
#include "base/endian.h"
#include "registry/format/base_block.h"
#include "registry/format/cell_map.h"
#include "registry/read/hive_data.h"

namespace cim::test {

/// A log of Windows 8.1 and later, entry by entry.
class LogBuilder {
 public:
  struct Page {
    std::uint32_t offset;  // in the bins
    Bytes content;
  };

  LogBuilder(const registry::BaseBlock& hive, std::uint32_t primary_sequence) {
    registry::BaseBlock head = hive;
    head.file_type = 6;
    head.primary_sequence = primary_sequence;
    head.secondary_sequence = primary_sequence;
    head.checksum = registry::checksum_of(head);
    append(bytes_, head);
  }

  LogBuilder& add(std::uint32_t sequence, std::uint32_t bins_size, const std::vector<Page>& pages) {
    Bytes entry(sizeof(registry::LogEntryHeader));
    for (const Page& page : pages) {
      append(entry,
             registry::LogPage{page.offset, static_cast<std::uint32_t>(page.content.size())});
    }
    for (const Page& page : pages) {
      append(entry, page.content);
    }
    entry.resize((entry.size() + 511) / 512 * 512);
    registry::LogEntryHeader head{};
    head.signature = registry::kLogEntrySignature;
    head.size = static_cast<std::uint32_t>(entry.size());
    head.sequence = sequence;
    head.bins_size = bins_size;
    head.page_count = static_cast<std::uint32_t>(pages.size());
    head.content_hash = registry::log_hash(ByteView(entry).subspan(sizeof(head)));
    std::memcpy(entry.data(), &head, sizeof(head));
    head.head_hash = registry::log_hash(ByteView(entry).first(32));
    std::memcpy(entry.data(), &head, sizeof(head));
    append(bytes_, entry);
    return *this;
  }

  Bytes& bytes() { return bytes_; }

 private:
  Bytes bytes_;
};

}  // namespace cim::test
