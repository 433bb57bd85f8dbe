// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Times link tables: building one, checking one that was read, looking up a name.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "base/upcase.h"
#include "base/utf16.h"
#include "format/link_table.h"

namespace cim::format {
namespace {

std::vector<std::u16string> names(std::int64_t count) {
  std::vector<std::u16string> made;
  for (std::int64_t i = 0; i < count; ++i) {
    made.push_back(to_utf16_replacing(fmt::format("Name of file {:06}.txt", i)));
  }
  return made;
}

Bytes table_of(const std::vector<std::u16string>& names) {
  LinkTableBuilder builder;
  std::uint32_t id = 0;
  for (const std::u16string& name : names) {
    builder.add(name, ++id);
  }
  return builder.finish();
}

LinkTable parse(Bytes bytes) {
  const std::filesystem::path file = "bench";
  ThrowingSink sink(file);
  return LinkTable(std::move(bytes), LinkTable::Values::kFileIds, sink);
}

void build_link_table(benchmark::State& state) {
  const auto sample = names(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(table_of(sample));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(build_link_table)->Arg(100)->Arg(10'000);

void check_link_table(benchmark::State& state) {
  const Bytes bytes = table_of(names(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(parse(bytes));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(check_link_table)->Arg(100)->Arg(10'000);

void find_in_link_table(benchmark::State& state) {
  const auto sought = names(state.range(0));
  const LinkTable table = parse(table_of(sought));
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.find(sought[next], upcase_table()));
    next = (next + 7919) % sought.size();
  }
}
BENCHMARK(find_in_link_table)->Arg(100)->Arg(10'000);

}  // namespace
}  // namespace cim::format
