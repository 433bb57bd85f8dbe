// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "cimlib/backup_stream.h"

#include "base/utf16.h"
#include "ntfs/backup_bytes.h"
#include "scaling/measure.h"
#include "temporary_directory.h"

namespace cim::test {
namespace {

using RecordOf = std::function<BackupRecord(std::size_t, std::size_t)>;

// Adds files to a layer, each from a backup stream, and does not close it.
void add_to_layer(const std::vector<std::string>& streams) {
  const TemporaryDirectory directory;
  layer::BackupLayerWriter writer(directory.path() / "s" / "layer", {},
                                  {.image = {.now = FileTime{1}}});
  writer.add(ImagePath::parse("Files"), attribute::kDirectory, {});
  for (std::size_t i = 0; i < streams.size(); ++i) {
    writer.add(ImagePath::parse(fmt::format("Files/{}", i)), 0, {});
    writer.write(as_bytes(streams[i]));
  }
  writer.layer();
}

// Adds a file whose backup stream has n records after `begin`. The function gets the number of a
// record and n.
Countable of_records(std::string name, std::size_t count, const BackupRecords& begin,
                     const RecordOf& record) {
  return {"backup stream: " + std::move(name), count, [=](std::size_t n) {
            std::string stream = bytes_of(begin);
            for (std::size_t i = 0; i < n; ++i) {
              stream += record(i, n).bytes();
            }
            return [stream] { add_to_layer({stream}); };
          }};
}

}  // namespace

std::vector<Countable> backup_stream_countables() {
  return {
      {"backup stream: files", 100,
       [](std::size_t n) {
         return [n, stream = bytes_of({security(sample_descriptor()), data("x"), eas("")})] {
           add_to_layer(std::vector<std::string>(n, stream));
         };
       }},
      of_records("streams of a file", 300, {data("x")},
                 [](std::size_t i, std::size_t) {
                   return alternate(to_utf16(fmt::format("s{}", i)).value(), "x");
                 }),
      of_records("sparse blocks", 1000, {sparse(data(""))},
                 [](std::size_t i, std::size_t) { return block(2 * i, "x"); }),
      of_records("sparse blocks from the last to the first", 1000, {sparse(data(""))},
                 [](std::size_t i, std::size_t n) { return block(2 * (n - i), "x"); }),
      of_records("sparse blocks without gaps", 1000, {sparse(data(""))},
                 [](std::size_t i, std::size_t) { return block(i, "x"); }),
      of_records("sparse streams of a file", 300, {data("x")},
                 [](std::size_t i, std::size_t) {
                   return sparse(alternate(to_utf16(fmt::format("s{}", i)).value(), "x"));
                 }),
      of_records("records that are skipped", 1000, {},
                 [](std::size_t, std::size_t) { return BackupRecord{.id = 5, .body = "\\name"}; }),
  };
}

}  // namespace cim::test
