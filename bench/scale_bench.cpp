// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Measures an image of very many files: memory while it is created, opening, lookups, and forks
// of it that change one file, compared with those of a small image; and a long chain of forks.
//
//   scale_bench [FILES]     1,000,000 by default; in directories of 1,000

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cimlib/image.h"
#include "cimlib/image_writer.h"

#include "temporary_directory.h"

namespace cim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kFilesPerDirectory = 1000;
constexpr unsigned kSmall = 10'000;
constexpr unsigned kRounds = 9;
constexpr unsigned kLookups = 20'000;
constexpr unsigned kChain = 100;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::uint64_t memory_kib(std::string_view what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(what)) {
      return std::stoull(line.substr(what.size() + 1));
    }
  }
  return 0;
}

ImagePath file_path(unsigned number) {
  return ImagePath::parse(
      fmt::format("dir{:04}/file{:07}.txt", number / kFilesPerDirectory, number));
}

void put(ImageWriter& writer, const ImagePath& path, const std::string& text) {
  writer.add(path, {}, text.size());
  writer.write(std::as_bytes(std::span(text)));
}

void make(const std::filesystem::path& image, unsigned files) {
  const std::uint64_t before = memory_kib("VmRSS:");
  const auto start = Clock::now();
  ImageWriter writer(image);
  for (unsigned i = 0; i < files; ++i) {
    if (i % kFilesPerDirectory == 0) {
      writer.add(file_path(i).parent(), {.attributes = attribute::kDirectory});
    }
    put(writer, file_path(i), fmt::format("file {}", i));
  }
  const std::uint64_t held = memory_kib("VmRSS:") - before;
  const CommitSummary summary = writer.commit();
  fmt::print(
      "{} files: made in {:.0f} ms, {} bytes of memory a file before the commit, {} at its "
      "peak, {} bytes on disk a file\n",
      files, milliseconds_since(start), held * 1024 / files,
      (memory_kib("VmHWM:") - before) * 1024 / files, summary.stored_bytes / files);
}

void open_and_look(const std::filesystem::path& file, unsigned files) {
  std::vector<double> opened;
  for (unsigned i = 0; i < kRounds; ++i) {
    const auto start = Clock::now();
    const Image image(file);
    opened.push_back(milliseconds_since(start));
  }
  const Image image(file);
  std::vector<ImagePath> paths;
  for (unsigned i = 0; i < kLookups; ++i) {
    paths.push_back(file_path((i * 7919U) % files));
  }
  for (const char* const round : {"first", "again"}) {
    const auto start = Clock::now();
    for (const ImagePath& path : paths) {
      if (!image.find(path)) {
        std::abort();
      }
    }
    fmt::print("{} files: opened in {:.2f} ms; a lookup, {}: {:.2f} us\n", files, median(opened),
               round, milliseconds_since(start) * 1000 / kLookups);
  }
}

struct Cost {
  double milliseconds = 0;
  std::uint64_t bytes = 0;
};

enum class Change { kAdd, kReplace, kRemove };

Cost fork(const std::filesystem::path& base, Change change, std::string_view words) {
  const auto image = base.parent_path() / "fork.cim";
  std::vector<double> times;
  Cost cost;
  for (unsigned i = 0; i < kRounds; ++i) {
    const auto start = Clock::now();
    ImageWriter writer(image, {.base = base});
    if (change == Change::kRemove) {
      writer.remove(file_path(4711));
    } else {
      put(writer, change == Change::kAdd ? ImagePath::parse("dir0004/new") : file_path(4711),
          "new");
    }
    cost.bytes = writer.commit().stored_bytes;
    times.push_back(milliseconds_since(start));
    std::filesystem::remove(image);
  }
  cost.milliseconds = median(times);
  fmt::print("  {}: {:.2f} ms, {} bytes\n", words, cost.milliseconds, cost.bytes);
  return cost;
}

void compare_forks(const std::filesystem::path& large, const std::filesystem::path& small) {
  for (const auto& [change, words] :
       {std::pair(Change::kAdd, "adds a file"), std::pair(Change::kReplace, "replaces one"),
        std::pair(Change::kRemove, "removes one")}) {
    fmt::print("a fork that {}, of the large image and of one of {} files:\n", words, kSmall);
    const Cost of_large = fork(large, change, "large");
    const Cost of_small = fork(small, change, "small");
    fmt::print("  ratio {:.2f} (at most 2), {} (less than 1 MiB)\n",
               of_large.milliseconds / of_small.milliseconds, of_large.bytes);
  }
}

void chain(const std::filesystem::path& base) {
  std::filesystem::path last = base;
  const auto start = Clock::now();
  for (unsigned i = 0; i < kChain; ++i) {
    const auto next = base.parent_path() / fmt::format("chain{}.cim", i);
    ImageWriter writer(next, {.base = last});
    put(writer, file_path(i), fmt::format("changed by {}", i));
    writer.commit();
    last = next;
  }
  const double made = milliseconds_since(start) / kChain;
  const auto opening = Clock::now();
  const Image image(last);
  const double opened = milliseconds_since(opening);
  for (unsigned i = 0; i < kChain; ++i) {
    std::string text(64, '\0');
    const Stream stream = image.open(image.find(file_path(i)).value());
    text.resize(stream.read(0, std::as_writable_bytes(std::span(text))));
    if (text != fmt::format("changed by {}", i)) {
      std::abort();
    }
  }
  fmt::print(
      "a chain of {} forks: {:.2f} ms for each, {:.2f} ms to open the last, {} region files; "
      "all read right\n",
      kChain, made, opened, image.regions().size());
}

void run(unsigned files) {
  const test::TemporaryDirectory directory;
  const auto large = directory.path() / "large.cim";
  make(large, files);
  open_and_look(large, files);
  const auto small = directory.path() / "small.cim";
  make(small, kSmall);
  compare_forks(large, small);
  chain(small);
}

}  // namespace
}  // namespace cim

int main(int argc, char** argv) {
  const unsigned files =
      argc > 1 ? static_cast<unsigned>(std::strtoul(argv[1], nullptr, 10)) : 1'000'000;
  cim::run(std::max(files, cim::kSmall));
  return 0;
}
