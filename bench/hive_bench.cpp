// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Makes, reads and merges the hives of sample_hives.h. bench/hive_vs_hivexml runs it.
//
//   hive_bench make MEGABYTES BASE DELTA   // a full hive and a delta for it
//   hive_bench read HIVE                   // every key, value and byte of data, through cimlib
//   hive_bench merge BASE DELTA OUT

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/hive.h"

#include "base/bytes.h"
#include "os/file.h"
#include "sample_hives.h"

namespace cim::registry {
namespace {

void save(const Bytes& hive, const std::filesystem::path& path) {
  AtomicFile file(path);
  file.file().write_at(0, hive);
  file.publish(Publish::kReplace);
  fmt::print("{}: {:.1f} MB\n", path.string(), static_cast<double>(hive.size()) / 1e6);
}

struct Sum {
  std::uint64_t keys = 0;
  std::uint64_t values = 0;
  std::uint64_t bytes = 0;
};

void add_up(const Key& key, Sum& sum) {
  ++sum.keys;
  sum.bytes += key.name().size() + key.time().ticks % 2;
  for (const Value value : key.values()) {
    ++sum.values;
    sum.bytes += value.name().size() + value.data().size() + value.type();
  }
  for (const Key subkey : key.subkeys()) {
    add_up(subkey, sum);
  }
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() == 4 && arguments[0] == "make") {
    const std::size_t classes = std::stoul(arguments[1]) * 1'000'000 / bench::kBytesPerClass;
    save(bench::sample_hive(classes), arguments[2]);
    save(bench::sample_delta(classes), arguments[3]);
  } else if (arguments.size() == 2 && arguments[0] == "read") {
    Sum sum;
    add_up(Hive::open(arguments[1]).root(), sum);
    fmt::print("{} keys, {} values, {}\n", sum.keys, sum.values, sum.bytes);
  } else if (arguments.size() == 4 && arguments[0] == "merge") {
    merge(arguments[1], {arguments[2]}, arguments[3]);
  } else {
    fmt::print(stderr,
               "usage: hive_bench make MEGABYTES BASE DELTA | read HIVE | merge BASE DELTA OUT\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace cim::registry

int main(int count, char** words) {
  try {
    return cim::registry::run(std::vector<std::string>(words + 1, words + count));
  } catch (const std::exception& error) {
    fmt::print(stderr, "hive_bench: {}\n", error.what());
    return 1;
  }
}
