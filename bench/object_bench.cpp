// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Times the work of storing an object except writing: its hash, and the search for an equal one.

#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/endian.h"
#include "base/xxh3.h"
#include "image/write/object_index.h"

namespace cim {
namespace {

constexpr std::uint64_t kLength = 4711;

void xxh3(benchmark::State& state) {
  const Bytes bytes(static_cast<std::size_t>(state.range(0)), std::byte{0x5a});
  Xxh3 hash;
  for (auto _ : state) {
    hash.update(bytes);
    benchmark::DoNotOptimize(hash.finish());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(xxh3)->Arg(64)->Arg(4096)->Arg(1 << 20);

std::vector<format::ObjectId> ids(std::int64_t count, std::uint64_t first = 0) {
  std::vector<format::ObjectId> made;
  for (std::uint64_t i = first; i < first + static_cast<std::uint64_t>(count); ++i) {
    const Le64 number = i;
    made.push_back(format::object_id(Xxh3::of(std::as_bytes(std::span(&number, 1)))));
  }
  return made;
}

ObjectIndex index_of(const std::vector<format::ObjectId>& objects) {
  ObjectIndex index;
  for (const format::ObjectId& object : objects) {
    index.add({kLength, object, 8});
  }
  return index;
}

void add_objects(benchmark::State& state) {
  const auto objects = ids(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(index_of(objects));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(add_objects)->Arg(1000)->Arg(100'000);

void find_objects(benchmark::State& state, const std::vector<format::ObjectId>& sought) {
  const ObjectIndex index = index_of(ids(state.range(0)));
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(index.find(kLength, sought[next]));
    next = next + 1 == sought.size() ? 0 : next + 1;
  }
}

void find_object_hit(benchmark::State& state) {
  find_objects(state, ids(state.range(0)));
}
BENCHMARK(find_object_hit)->Arg(1000)->Arg(100'000);

void find_object_miss(benchmark::State& state) {
  find_objects(state, ids(state.range(0), 1'000'000));
}
BENCHMARK(find_object_miss)->Arg(1000)->Arg(100'000);

}  // namespace
}  // namespace cim
