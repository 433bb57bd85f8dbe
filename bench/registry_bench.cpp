// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Times hives in memory: reading one with all checks, and merging a delta into it.

#include <benchmark/benchmark.h>

#include "cimlib/hive.h"

#include "sample_hives.h"

namespace cim::registry {
namespace {

void parse_hive(benchmark::State& state) {
  const Bytes bytes = bench::sample_hive(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(Hive::from_bytes(bytes, "bench"));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(parse_hive)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);

void merge_hives(benchmark::State& state) {
  const auto classes = static_cast<std::size_t>(state.range(0));
  const Hive base = Hive::from_bytes(bench::sample_hive(classes), "base");
  const Hive delta = Hive::from_bytes(bench::sample_delta(classes), "delta");
  std::int64_t bytes = 0;
  for (auto _ : state) {
    bytes += static_cast<std::int64_t>(merge(base, delta, {}, "merged").bytes.size());
  }
  state.SetBytesProcessed(bytes);
}
BENCHMARK(merge_hives)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace cim::registry
