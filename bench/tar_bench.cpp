// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Times reading the headers of a layer's tar: a single block, entries with their PAX records, and
// the Windows metadata in the records.

#include <algorithm>
#include <string>

#include <benchmark/benchmark.h>

#include "sample_tar.h"
#include "tar/header.h"
#include "tar/memory_streams.h"
#include "tar/reader.h"
#include "tar/windows_records.h"

namespace cim::tar {
namespace {

constexpr int kFiles = 2000;

const std::string& sample() {
  static const std::string tar = bench::sample_tar(kFiles);
  return tar;
}

void header_block(benchmark::State& state) {
  HeaderBlock block;
  std::copy_n(sample().data(), sizeof block, reinterpret_cast<char*>(&block));
  HeaderValues values;
  for (auto _ : state) {
    benchmark::DoNotOptimize(parse_header(block, values));
  }
}
BENCHMARK(header_block);

template <class AnyReader>
void entries(benchmark::State& state) {
  std::int64_t count = 0;
  for (auto _ : state) {
    state.PauseTiming();
    test::MemorySource source(sample());
    AnyReader reader(source);
    state.ResumeTiming();
    while (reader.next() != nullptr) {
      ++count;
    }
  }
  state.SetItemsProcessed(count);
}
BENCHMARK_TEMPLATE(entries, Reader)->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(entries, WindowsReader)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace cim::tar
