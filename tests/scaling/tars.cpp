// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "cimlib/error.h"

#include "scaling/measure.h"
#include "tar/memory_streams.h"
#include "tar/tar_builder.h"
#include "tar/windows_records.h"

namespace cim::test {
namespace {

using Text = std::function<std::string(std::size_t)>;

void read(const std::string& tar) {
  MemorySource source(tar, 1U << 16);
  tar::WindowsReader reader(source);
  try {
    while (reader.next() != nullptr) {
      while (!reader.body().empty()) {
      }
    }
  } catch (const Error&) {  // a limit is a valid result, too
  }
}

// Reads a tar with n results of `text` between `begin` and `end`.
Countable counted(std::string name, std::size_t count, const Text& text,
                  const std::string& begin = {}, const std::string& end = {}) {
  return {"tar: " + std::move(name), count, [=](std::size_t n) {
            std::string tar = begin;
            for (std::size_t i = 0; i < n; ++i) {
              tar += text(i);
            }
            return [tar = tar + end + end_marker()] { read(tar); };
          }};
}

// Makes a tar with one file whose extended header is made from n.
Countable of_records(std::string name, std::size_t count,
                     const std::function<Records(std::size_t)>& records) {
  return {"tar: " + std::move(name), count, [=](std::size_t n) {
            const EntryBytes file = {.name = "Files/a", .records = records(n)};
            return [tar = file.bytes() + end_marker()] { read(tar); };
          }};
}

Records repeated(std::size_t count, const std::function<std::string(std::size_t)>& key,
                 const std::string& value) {
  Records records;
  for (std::size_t i = 0; i < count; ++i) {
    records.emplace_back(key(i), value);
  }
  return records;
}

std::string text_of(std::string_view piece, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    all += piece;
  }
  return all;
}

std::string file(const std::string& name) {
  return EntryBytes{.name = name}.bytes();
}

std::string sparse_map(std::size_t count) {
  std::string map = "0,1";
  for (std::size_t i = 1; i < count; ++i) {
    map += fmt::format(",{},1", 1024 * i);
  }
  return map;
}

}  // namespace

std::vector<Countable> tar_countables() {
  return {
      counted("files", 1000, [](std::size_t i) { return file(fmt::format("Files/{}", i)); }),
      counted(
          "streams of a file", 1000,
          [](std::size_t i) { return file(fmt::format("Files/a:s{}", i)); }, file("Files/a")),
      counted(
          "hard links of a file", 1000,
          [](std::size_t i) {
            return EntryBytes{.name = fmt::format("Files/{}", i), .type = '1', .link = "Files/a"}
                .bytes();
          },
          file("Files/a")),
      counted("whiteouts", 1000,
              [](std::size_t i) { return file(fmt::format("Files/.wh.{}", i)); }),
      counted("opaque markers", 1000,
              [](std::size_t i) { return file(fmt::format("Files/{}/.wh..wh..opq", i)); }),
      counted(
          "extended headers of an entry", 1000,
          [](std::size_t) {
            return pax_header(Records{{"mtime", "1"}});
          },
          {}, file("Files/a")),
      counted(
          "global headers", 1000,
          [](std::size_t i) {
            return pax_header(Records{{fmt::format("key{}", i), "value"}}, 'g');
          },
          {}, file("Files/a")),
      counted(
          "long names of an entry", 1000,
          [](std::size_t) {
            return HeaderBytes("././@LongLink", 'L', 8).bytes() + padded("Files/a");
          },
          {}, file("Files/a")),
      counted(
          "blocks of zeros", 5000, [](std::size_t) { return std::string(512, '\0'); },
          file("Files/a")),
      of_records("records of an extended header", 1000,
                 [](std::size_t n) {
                   return repeated(
                       n, [](std::size_t i) { return fmt::format("key{}", i); }, "v");
                 }),
      of_records("records of one name", 1000,
                 [](std::size_t n) {
                   return repeated(
                       n, [](std::size_t) { return std::string("mtime"); }, "1");
                 }),
      of_records("extended attributes", 400,
                 [](std::size_t n) {
                   return repeated(
                       n, [](std::size_t i) { return fmt::format("MSWINDOWS.xattr.{:04}", i); },
                       "AA==");
                 }),
      of_records("bytes of base64", 5000,
                 [](std::size_t n) {
                   return Records{{"MSWINDOWS.rawsd", text_of("AAAA", n)}};
                 }),
      of_records("rights of a descriptor", 300,
                 [](std::size_t n) {
                   return Records{{"MSWINDOWS.sd", "D:(A;;" + text_of("GA", n) + ";;;WD)"}};
                 }),
      of_records("parts of a path", 1000,
                 [](std::size_t n) {
                   return Records{{"path", "Files" + text_of("/a", n)}};
                 }),
      of_records("parts of a link's target", 3000,
                 [](std::size_t n) {
                   return Records{{"linkpath", "a" + text_of("/..", n)}};
                 }),
      of_records("entries of a sparse map", 1000,
                 [](std::size_t n) {
                   return Records{{"GNU.sparse.size", std::to_string(1024 * n)},
                                  {"GNU.sparse.numblocks", std::to_string(n)},
                                  {"GNU.sparse.map", sparse_map(n)}};
                 }),
  };
}

}  // namespace cim::test
