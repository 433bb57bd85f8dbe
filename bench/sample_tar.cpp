// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "sample_tar.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "cimlib/attributes.h"
#include "cimlib/security_descriptor.h"

#include "base/utf16.h"
#include "tar/memory_streams.h"
#include "tar/windows_writer.h"

namespace cim::bench {
namespace {

constexpr FileTimes kTimes = {.creation = {132444736001234567},
                              .last_write = {132444736010000000},
                              .change = {132444736010000000},
                              .last_access = {132444736010000000}};
constexpr std::string_view kDescriptor =
    "O:BAG:SYD:PAI(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x1200a9;;;BU)(A;;0x1200a9;;;AC)";

tar::Names names_of(std::string_view path) {
  tar::Names names;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t slash = std::min(path.find('/', from), path.size());
    names.push_back(to_utf16_replacing(path.substr(from, slash - from)));
    from = slash + 1;
  }
  return names;
}

std::string directory_path(int file) {
  return fmt::format("Files/directory {:03}", file / kFilesPerDirectory);
}

// Every fourth file has the bytes of the first.
std::string body_of(int file) {
  const int content = file % 4 == 3 ? 0 : file;
  std::string body = fmt::format("the content of file {}\n", content);
  body.resize(100 + static_cast<std::size_t>(content) * 37 % 1024, '.');
  return body;
}

}  // namespace

std::string sample_path(int file) {
  return fmt::format("{}/name of file {:05}.txt", directory_path(file), file);
}

std::string sample_tar(int files) {
  test::MemorySink sink;
  tar::WindowsWriter writer(sink);
  tar::WindowsRecord record;
  record.times = kTimes;
  record.security_descriptor = SecurityDescriptor::from_sddl(kDescriptor).encode();
  const auto begin = [&](const std::string& path, tar::RecordKind kind, std::uint32_t attributes,
                         std::uint64_t size) {
    record.path = names_of(path);
    record.kind = kind;
    record.attributes = attributes;
    record.size = size;
    writer.add(record);
  };
  begin("Files", tar::RecordKind::kDirectory, attribute::kDirectory, 0);
  for (int file = 0; file < files; ++file) {
    if (file % kFilesPerDirectory == 0) {
      begin(directory_path(file), tar::RecordKind::kDirectory, attribute::kDirectory, 0);
    }
    const std::string body = body_of(file);
    begin(sample_path(file), tar::RecordKind::kFile, attribute::kArchive, body.size());
    writer.write(as_bytes(body));
  }
  writer.finish();
  return sink.text;
}

}  // namespace cim::bench
