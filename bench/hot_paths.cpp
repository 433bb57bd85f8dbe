// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The paths whose instructions bench/guard counts, one per run.
//
//   hot_paths tar TAR              // makes the layer's tar that "import" reads
//   hot_paths import TAR LAYER
//   hot_paths dedup|tar_headers|link_table|path_lookup|hive_merge
//
// The input of a path is made first, in the same process. Only counted() is counted, except for
// "import", which uses several threads, so that the whole process is counted.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cimlib/hive.h"
#include "cimlib/image.h"
#include "cimlib/image_writer.h"
#include "cimlib/layer.h"

#include "base/endian.h"
#include "base/upcase.h"
#include "base/utf16.h"
#include "base/xxh3.h"
#include "format/link_table.h"
#include "image/write/object_index.h"
#include "sample_hives.h"
#include "sample_tar.h"
#include "tar/memory_streams.h"
#include "tar/windows_records.h"
#include "temporary_directory.h"

namespace cim::bench {
namespace {

constexpr int kFiles = 2000;
constexpr std::uint64_t kObjects = 10'000;
constexpr std::uint32_t kNames = 10'000;
constexpr std::size_t kClasses = 1000;

void expect(std::size_t found, std::size_t expected) {
  if (found != expected) {
    throw std::runtime_error(fmt::format("{} instead of {}", found, expected));
  }
}

}  // namespace

/// Runs the code that callgrind counts for the guard. Hidden from the optimizer, which would inline
/// it.
[[gnu::noinline]] std::size_t counted(const std::function<std::size_t()>& work) {
  const std::size_t result = work();
  asm volatile("");  // a call must not become a jump, which callgrind takes for a return
  return result;
}

namespace {

void count_dedup() {
  std::vector<format::ObjectId> ids;
  for (std::uint64_t i = 0; i < kObjects; ++i) {
    const Le64 number = i / 2;
    ids.push_back(format::object_id(Xxh3::of(std::as_bytes(std::span(&number, 1)))));
  }
  ObjectIndex().add({kObjects, ids.front(), 8});  // draws the random keys of the process
  const auto found = counted([&] {
    ObjectIndex index;
    std::size_t equal = 0;
    for (const format::ObjectId& id : ids) {
      if (index.find(kObjects, id)) {
        ++equal;
      } else {
        index.add({kObjects, id, 8});
      }
    }
    return equal;
  });
  expect(found, kObjects / 2);
}

void count_tar_headers() {
  test::MemorySource source(sample_tar(kFiles));
  const auto entries = counted([&source] {
    tar::WindowsReader reader(source);
    std::size_t count = 0;
    while (reader.next() != nullptr) {
      ++count;
    }
    return count;
  });
  expect(entries, 1 + kFiles / kFilesPerDirectory + kFiles);
}

void count_link_table() {
  std::vector<std::u16string> names;
  for (std::uint32_t i = 0; i < kNames; ++i) {
    names.push_back(to_utf16_replacing(fmt::format("Name of file {:06}.txt", i)));
  }
  const auto found = counted([&names] {
    format::LinkTableBuilder builder;
    for (std::uint32_t i = 0; i < kNames; ++i) {
      builder.add(names[i], i);
    }
    const std::filesystem::path file = "made";
    format::ThrowingSink sink(file);
    const format::LinkTable table(builder.finish(), format::LinkTable::Values::kFileIds, sink);
    std::size_t right = 0;
    for (std::uint32_t i = 0; i < kNames; ++i) {
      const auto at = table.find(names[i], upcase_table());
      if (at && table.file_id(*at) == i) {
        ++right;
      }
    }
    return right;
  });
  expect(found, kNames);
}

void write_sample_image(const std::filesystem::path& path) {
  ImageWriter writer(path);
  writer.add(ImagePath::parse("Files"), {.attributes = attribute::kDirectory});
  for (int file = 0; file < kFiles; ++file) {
    const ImagePath name = ImagePath::parse(sample_path(file));
    if (file % kFilesPerDirectory == 0) {
      writer.add(name.parent(), {.attributes = attribute::kDirectory});
    }
    writer.add(name, {});
  }
  writer.commit();
}

// From the text of a path, in another case, to the file's entry of a directory listing.
void count_path_lookup() {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "sample.cim";
  write_sample_image(path);
  std::vector<std::string> texts;
  for (int file = 0; file < kFiles; ++file) {
    std::string text = sample_path(file);
    std::ranges::replace(text, 'f', 'F');
    texts.push_back(std::move(text));
  }
  const auto found = counted([&] {
    const Image image(path);
    std::size_t files = 0;
    for (const std::string& text : texts) {
      const auto file = image.find(ImagePath::parse(text));
      if (file && !image.info(*file).is_directory()) {
        ++files;
      }
    }
    return files;
  });
  expect(found, kFiles);
}

void count_hive_merge() {
  const Bytes base = sample_hive(kClasses);
  const Bytes delta = sample_delta(kClasses);
  const auto keys = counted([&] {
    return static_cast<std::size_t>(registry::merge(registry::Hive::from_bytes(base, "base"),
                                                    registry::Hive::from_bytes(delta, "delta"), {},
                                                    "merged")
                                        .result.keys);
  });
  // The root and its group; three keys per class, one more in twenty of them, and two classes
  // removed.
  expect(keys, 2 + 3 * kClasses + kClasses / 50 - 3 * (kClasses / 500));
}

void make_tar(const std::filesystem::path& path) {
  std::ofstream out(path, std::ios::binary);
  out << sample_tar(kFiles);
  if (!out.flush()) {
    throw std::runtime_error("cannot write " + path.string());
  }
}

void import(const std::filesystem::path& tar, const std::filesystem::path& layer) {
  layer::ImportOptions options;
  options.writer.reproducible = true;
  expect(layer::import_tar(tar, layer, {}, options).entries,
         1 + kFiles / kFilesPerDirectory + kFiles);
}

int run(const std::vector<std::string>& words) {
  struct Path {
    std::string_view name;
    void (*count)();
  };
  constexpr Path kPaths[] = {{"dedup", count_dedup},
                             {"tar_headers", count_tar_headers},
                             {"link_table", count_link_table},
                             {"path_lookup", count_path_lookup},
                             {"hive_merge", count_hive_merge}};
  const auto* const path = std::ranges::find(kPaths, words.at(0), &Path::name);
  if (words.size() == 2 && words[0] == "tar") {
    make_tar(words[1]);
  } else if (words.size() == 3 && words[0] == "import") {
    import(words[1], words[2]);
  } else if (words.size() == 1 && path != std::end(kPaths)) {
    path->count();
  } else {
    throw std::runtime_error("no such path: " + words[0]);
  }
  return 0;
}

}  // namespace
}  // namespace cim::bench

int main(int count, char** words) {
  try {
    return cim::bench::run(std::vector<std::string>(words + 1, words + count));
  } catch (const std::exception& error) {
    fmt::print(stderr, "hot_paths: {}\n", error.what());
    return 1;
  }
}
