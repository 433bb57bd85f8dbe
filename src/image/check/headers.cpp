// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/headers.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "format/disk_header.h"
#include "image/read/region_files.h"
#include "os/file.h"

namespace cim::image_check {
namespace {

// Nothing can be checked in a file that is not a filesystem file or has an unknown version.
class FilesystemFileSink : public SpotSink {
 public:
  FilesystemFileSink(Findings& findings, const std::filesystem::path& image)
      : SpotSink(findings, {&image}), thrower_(image) {}

  void add(Kind kind, std::uint64_t offset, std::string text) override {
    if (kind == Kind::kHeaderMagic || kind == Kind::kHeaderVersion) {
      thrower_.add(kind, offset, std::move(text));
    } else {
      SpotSink::add(kind, offset, std::move(text));
    }
  }

 private:
  format::ThrowingSink thrower_;
};

// Reports region sets that are named twice.
void check_sets(const format::FilesystemHeader& header, format::FindingSink& sink) {
  std::set<Guid> seen;
  std::uint64_t offset = format::kFilesystemHeaderSize;
  for (const RegionSet& set : region_sets_of(header)) {
    offset = set.is_own ? offsetof(format::DiskFilesystemHeader, own) : offset;
    if (!seen.insert(set.guid).second) {
      sink.add(Kind::kRegionSetTwice, offset,
               fmt::format("region set {} is listed twice", set.guid.to_string()));
    }
    offset += format::kRegionSetSize;
  }
}

}  // namespace

std::optional<format::FilesystemHeader> check_filesystem_file(const std::filesystem::path& image,
                                                              Findings& findings) {
  const File file = File::open_read(image);
  const std::uint64_t size = file.size();
  Bytes bytes(static_cast<std::size_t>(std::min(size, kMaxFilesystemFile)));
  bytes.resize(file.read_some_at(0, bytes));
  FilesystemFileSink sink(findings, image);
  auto header = format::decode_filesystem_header(bytes, sink);
  if (header) {
    check_sets(*header, sink);
    const std::uint64_t end =
        format::kFilesystemHeaderSize + header->parents.size() * format::kRegionSetSize;
    if (size > end) {
      sink.add(Kind::kTrailingBytes, end, fmt::format("{} bytes follow the header", size - end));
    }
  }
  return header;
}

}  // namespace cim::image_check
