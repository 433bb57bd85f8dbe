// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/tar_application.h"

#include <gtest/gtest.h>

#include "cimlib/image_writer.h"
#include "cimlib/wtf8.h"

#include "tar/memory_streams.h"
#include "tar/windows_records.h"

namespace cim::test {
namespace {

using tar::RecordKind;
using tar::WindowsRecord;

ImagePath image_path(const tar::Names& names) {
  ImagePath path;
  for (const std::u16string& name : names) {
    path = std::move(path).child(name);
  }
  return path;
}

std::string joined(const tar::Names& names) {
  std::string text;
  for (const std::u16string& name : names) {
    text += (text.empty() ? "" : "/") + to_wtf8(name);
  }
  return text;
}

void apply(const WindowsRecord& record, ImageWriter& writer) {
  const ImagePath path = image_path(record.path);
  switch (record.kind) {
    case RecordKind::kStream:
      return writer.add_alternate_stream({path, record.stream}, record.size);
    case RecordKind::kHardLink:
      return writer.add_link(path, image_path(record.link_target));
    case RecordKind::kWhiteout:
      EXPECT_TRUE(writer.remove(path));
      return;
    case RecordKind::kOpaqueMarker:
      throw std::logic_error("an opaque marker");
    default:
      return writer.add(path,
                        {.attributes = record.attributes,
                         .times = record.times,
                         .security_descriptor = record.security_descriptor,
                         .extended_attributes = record.extended_attributes,
                         .reparse_data = record.reparse_data},
                        record.size);
  }
}

std::string line_of(const WindowsRecord& record) {
  const std::string path = joined(record.path);
  switch (record.kind) {
    case RecordKind::kFile:
      return "file " + path;
    case RecordKind::kDirectory:
      return "dir " + path;
    case RecordKind::kReparsePoint:
      return "point " + path;
    case RecordKind::kHardLink:
      return "link " + path + " > " + joined(record.link_target);
    case RecordKind::kStream:
      return "stream " + path + ":" + to_wtf8(record.stream);
    case RecordKind::kWhiteout:
      return "gone " + path;
    case RecordKind::kOpaqueMarker:
      return "opaque " + path;
  }
  return {};
}

}  // namespace

void apply_tar(const std::string& tar, const std::filesystem::path& image,
               const std::optional<std::filesystem::path>& parent) {
  MemorySource source(tar);
  tar::WindowsReader reader(source);
  ImageWriter writer(image, {.base = parent, .now = FileTime{}});
  while (const WindowsRecord* const record = reader.next()) {
    apply(*record, writer);
    for (auto run = reader.body(); !run.empty(); run = reader.body()) {
      writer.write(run);
    }
  }
  writer.commit();
}

std::vector<std::string> lines_of(const std::string& tar) {
  MemorySource source(tar);
  tar::WindowsReader reader(source);
  std::vector<std::string> lines;
  while (const WindowsRecord* const record = reader.next()) {
    lines.push_back(line_of(*record));
  }
  return lines;
}

std::string bytes_in(const std::string& tar, std::string_view path) {
  MemorySource source(tar);
  tar::WindowsReader reader(source);
  while (const WindowsRecord* const record = reader.next()) {
    if (record->kind == RecordKind::kFile && joined(record->path) == path) {
      std::string text(static_cast<std::size_t>(record->size), '\0');
      reader.read(std::as_writable_bytes(std::span(text)));
      return text;
    }
  }
  return "(none)";
}

}  // namespace cim::test
