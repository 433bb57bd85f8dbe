// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "cimlib/image_writer.h"
#include "cimlib/report.h"

#include "base/bytes.h"
#include "base/utf16.h"
#include "image/sample_image.h"
#include "scaling/measure.h"
#include "temporary_directory.h"

namespace cim::test {
namespace {

using Directory = std::shared_ptr<TemporaryDirectory>;
using Fill = void (*)(ImageWriter&, std::size_t);

std::function<void()> report_on(const Directory& directory, std::string_view source) {
  return [directory, source = directory->path() / source] {
    write_report(source, directory->path() / "page.html");
  };
}

Countable entries_of_an_image(const char* name, std::size_t count, Fill fill) {
  return {fmt::format("report: {}", name), count, [fill](std::size_t n) {
            const auto directory = std::make_shared<TemporaryDirectory>();
            ImageWriter writer(directory->path() / "a.cim");
            fill(writer, n);
            writer.commit();
            return report_on(directory, "a.cim");
          }};
}

void fill_files(ImageWriter& writer, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    put(writer, fmt::format("file{}", i), as_bytes(fmt::format("contents {}", i)));
  }
}

void fill_folders(ImageWriter& writer, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    writer.add(path(fmt::format("folder{}", i)), directory_metadata());
    put(writer, fmt::format("folder{}/file", i), as_bytes("x"));
  }
}

void fill_duplicates(ImageWriter& writer, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    put(writer, fmt::format("file{}", i), pattern(5000));
  }
}

void fill_streams(ImageWriter& writer, std::size_t count) {
  put(writer, "file", {});
  for (std::size_t i = 0; i < count; ++i) {
    writer.add_alternate_stream({path("file"), to_utf16_replacing(fmt::format("stream{}", i))}, 1);
    writer.write(as_bytes("x"));
  }
}

// Adds a fork that replaces a file, so that each image has as many files as the others.
void add_fork(const std::filesystem::path& base, const std::filesystem::path& fork,
              std::size_t number) {
  ImageWriter writer(fork, {.base = base});
  put(writer, "file", as_bytes(fmt::format("contents {}", number)));
  writer.commit();
}

std::filesystem::path written_base(const Directory& directory) {
  const auto base = directory->path() / "base.cim";
  ImageWriter writer(base);
  put(writer, "file", as_bytes("x"));
  writer.commit();
  return base;
}

// Each image refers to the region sets of all of its ancestors, so n references are those of a
// chain of the square root of 2 n layers.
Countable region_sets_of_a_chain() {
  return {"report: region sets of a chain", 6, [](std::size_t n) {
            const auto layers = static_cast<std::size_t>(std::sqrt(2.0 * static_cast<double>(n)));
            const auto directory = std::make_shared<TemporaryDirectory>();
            auto last = written_base(directory);
            for (std::size_t i = 0; i < layers; ++i) {
              const auto next = directory->path() / fmt::format("{}.cim", i);
              add_fork(last, next, i);
              last = next;
            }
            return report_on(directory, last.filename().string());
          }};
}

// Images that share nothing, each with a file. Images of other writers lack object id files, which
// are then searched in the whole directory.
Countable images_of_a_directory(const char* name, bool has_object_ids) {
  return {fmt::format("report: {}", name), 30, [has_object_ids](std::size_t n) {
            const auto directory = std::make_shared<TemporaryDirectory>();
            std::filesystem::create_directory(directory->path() / "images");
            for (std::size_t i = 0; i <= n; ++i) {  // a report needs an image
              ImageWriter writer(directory->path() / "images" / fmt::format("{}.cim", i));
              put(writer, "file", as_bytes(fmt::format("contents {}", i)));
              writer.commit();
            }
            if (!has_object_ids) {
              remove_object_ids(directory->path() / "images");
            }
            return report_on(directory, "images");
          }};
}

}  // namespace

std::vector<Countable> report_countables() {
  return {entries_of_an_image("files", 120, fill_files),
          entries_of_an_image("folders", 120, fill_folders),
          entries_of_an_image("equal files", 100, fill_duplicates),
          entries_of_an_image("streams of a file", 120, fill_streams),
          images_of_a_directory("images of a directory", true),
          images_of_a_directory("images of a directory without object ids", false),
          region_sets_of_a_chain()};
}

}  // namespace cim::test
