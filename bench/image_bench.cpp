// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Times reading an image: opening, lookups, listing, reading. The image is made up: one
// directory of 10,000 small files, a directory of 64 levels, and a file of 64 MiB.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "cimlib/image.h"
#include "cimlib/image_writer.h"

#include "temporary_directory.h"

namespace cim {
namespace {

constexpr int kManyFiles = 10000;
constexpr int kDepth = 64;
constexpr std::uint64_t kLargeFile = std::uint64_t{64} << 20;
constexpr std::size_t kPiece = 1U << 17U;

// The image, created at the first use and removed when the program exits.
class SampleImage {
 public:
  SampleImage() : path_(directory_.path() / "bench.cim") {
    ImageWriter writer(path_);
    writer.add(ImagePath::parse("many"), {.attributes = attribute::kDirectory});
    for (int i = 0; i < kManyFiles; ++i) {
      const std::string text = fmt::format("file {}", i);
      writer.add(ImagePath::parse(fmt::format("many/name of file {:05}", i)), {}, text.size());
      writer.write(std::as_bytes(std::span(text)));
    }
    for (int i = 0; i < kDepth; ++i) {
      deep_ += fmt::format("{}level {}", i == 0 ? "" : "/", i);
      writer.add(ImagePath::parse(deep_), {.attributes = attribute::kDirectory});
    }
    write_large(writer);
    writer.commit();
  }

  const std::filesystem::path& path() const { return path_; }
  const std::string& deep() const { return deep_; }

 private:
  static void write_large(ImageWriter& writer) {
    writer.add(ImagePath::parse("large"), {}, kLargeFile);
    std::vector<std::byte> piece(kPiece);
    for (std::uint64_t at = 0; at < kLargeFile; at += kPiece) {
      for (std::size_t i = 0; i < kPiece; i += 64) {
        piece[i] = static_cast<std::byte>((at + i) >> 6U);
      }
      writer.write(piece);
    }
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path path_;
  std::string deep_;
};

const SampleImage& sample() {
  static const SampleImage image;
  return image;
}

void open_and_find(benchmark::State& state) {
  const ImagePath path = ImagePath::parse("many/name of file 05000");
  for (auto _ : state) {
    const Image image(sample().path());
    benchmark::DoNotOptimize(image.find(path));
  }
}
BENCHMARK(open_and_find)->Unit(benchmark::kMicrosecond);

void find(benchmark::State& state, const std::string& text) {
  const Image image(sample().path());
  const ImagePath path = ImagePath::parse(text.empty() ? sample().deep() : text);
  for (auto _ : state) {
    benchmark::DoNotOptimize(image.find(path));
  }
}
BENCHMARK_CAPTURE(find, hit, std::string("many/name of file 05000"));
BENCHMARK_CAPTURE(find, other_case, std::string("MANY/NAME OF FILE 05000"));
BENCHMARK_CAPTURE(find, miss, std::string("many/name of file 05000x"));
BENCHMARK_CAPTURE(find, deep, std::string());

void list(benchmark::State& state) {
  const Image image(sample().path());
  const FileId directory = image.find(ImagePath::parse("many")).value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(image.list(directory));
  }
  state.SetItemsProcessed(state.iterations() * kManyFiles);
}
BENCHMARK(list)->Unit(benchmark::kMicrosecond);

void info(benchmark::State& state) {
  const Image image(sample().path());
  FileId id = 0;
  for (auto _ : state) {
    id = id % image.max_file_id() + 1;
    benchmark::DoNotOptimize(image.info(id));
  }
}
BENCHMARK(info);

void read(benchmark::State& state) {
  const Image image(sample().path());
  const Stream stream = image.open(image.find(ImagePath::parse("large")).value());
  std::vector<std::byte> into(static_cast<std::size_t>(state.range(0)));
  std::uint64_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(stream.read(at, into));
    at = (at + 7919 * into.size()) % (kLargeFile - into.size());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(read)->Arg(4096)->Arg(1 << 20);

}  // namespace
}  // namespace cim
