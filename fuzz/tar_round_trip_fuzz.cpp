// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Reads a layer's tar, writes its records to a new tar and reads that: the records must be the
// same. The input is that of tar_reader.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cimlib/error.h"

#include "tar/windows_records.h"
#include "tar/windows_writer.h"
#include "tar_fuzzing.h"

namespace {

using cim::fuzz::require;
using cim::fuzz::TextSource;
using cim::tar::RecordKind;
using cim::tar::WindowsRecord;

struct Part {
  WindowsRecord record;
  std::string body;
};

// Reads the parts before the end or the first error.
std::vector<Part> read(std::string_view tar, bool must_be_sound) {
  std::vector<Part> parts;
  TextSource source(tar);
  cim::tar::WindowsReader reader(source);
  try {
    while (const WindowsRecord* const record = reader.next()) {
      if (record->size > cim::fuzz::kMaxBodySize) {
        break;
      }
      Part part{*record, {}};
      for (auto run = reader.body(); !run.empty(); run = reader.body()) {
        part.body += cim::as_text(run);
      }
      parts.push_back(std::move(part));
    }
  } catch (const cim::Error&) {
    require(!must_be_sound);
  }
  return parts;
}

std::string write(const std::vector<Part>& parts) {
  std::string tar;
  cim::tar::CallingSink sink(
      [&](const cim::SharedBytes& bytes) { tar += cim::as_text(bytes.bytes); });
  cim::tar::WindowsWriter writer(sink);
  for (const auto& [record, body] : parts) {
    writer.add(record);
    if (record.kind == RecordKind::kFile || record.kind == RecordKind::kStream) {
      writer.write(cim::as_bytes(body));
    }
  }
  writer.finish();
  return tar;
}

bool is_same(const WindowsRecord& a, const WindowsRecord& b) {
  return a.kind == b.kind && a.path == b.path && a.stream == b.stream &&
         a.link_target == b.link_target && a.size == b.size && a.attributes == b.attributes &&
         a.times == b.times && a.security_descriptor == b.security_descriptor &&
         a.extended_attributes == b.extended_attributes && a.reparse_data == b.reparse_data;
}

// The reader ignores the body of a whiteout and accepts a stream whose file's name is in another
// case; the written tar has neither.
void normalize(std::vector<Part>& parts) {
  cim::tar::Names file;
  for (auto& [record, body] : parts) {
    if (record.kind == RecordKind::kStream) {
      record.path = file;
    } else {
      file = record.path;
    }
    if (record.kind != RecordKind::kFile && record.kind != RecordKind::kStream) {
      body.clear();
      record.size = 0;
    }
  }
}

// False for names that the reader of the result would take for deletions.
bool can_be_written(const Part& part) {
  const auto& path = part.record.path;
  const bool is_whiteout = part.record.kind == RecordKind::kWhiteout;
  return !path.empty() && !(is_whiteout && path.back() == u".wh..opq") &&
         (is_whiteout || part.record.kind == RecordKind::kOpaqueMarker ||
          !path.back().starts_with(u".wh."));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const auto input = cim::as_text(std::as_bytes(std::span(data, size)));
  std::vector<Part> parts = read(cim::fuzz::tar_of_input(input), false);
  if (!std::ranges::all_of(parts, can_be_written)) {
    return 0;
  }
  normalize(parts);
  const std::string tar = write(parts);
  const std::vector<Part> again = read(tar, true);
  require(again.size() == parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    require(is_same(again[i].record, parts[i].record) && again[i].body == parts[i].body);
  }
  require(write(again) == tar);
  return 0;
}
