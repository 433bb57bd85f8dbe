// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The first record of a tar that is built in the test.

#include <string>
#include <string_view>

#include "expect_error.h"
#include "tar/memory_streams.h"
#include "tar/tar_builder.h"
#include "tar/windows_records.h"

namespace cim::test {

using tar::WindowsReader;
using tar::WindowsRecord;

/// Returns the first record of a tar; throws the reader's error if there is one.
inline WindowsRecord first_record(const std::string& entries) {
  MemorySource source(entries + end_marker());
  WindowsReader reader(source);
  const WindowsRecord* const record = reader.next();
  return record == nullptr ? WindowsRecord{} : *record;
}

inline WindowsRecord file_with(const Records& records) {
  return first_record(EntryBytes{.name = "Files/f", .records = records}.bytes());
}

inline void expect_refusal(std::string_view words, const std::string& entries,
                           ErrorCode code = ErrorCode::kCorrupt) {
  expect_error(code, words, [&] {
    MemorySource source(entries + end_marker());
    WindowsReader reader(source);
    while (reader.next() != nullptr) {
    }
  });
}

inline void expect_file_refusal(std::string_view words, const Records& records,
                                ErrorCode code = ErrorCode::kCorrupt) {
  expect_refusal(words, EntryBytes{.name = "Files/f", .records = records}.bytes(), code);
}

}  // namespace cim::test
