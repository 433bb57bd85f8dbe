// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Hives to time readers with, made after what a SOFTWARE hive holds, and the reading of one.
// bench/hive_vs_hivexml runs it.
//
//   hive_bench make MEGABYTES BASE DELTA   // a full hive and a delta over it
//   hive_bench read HIVE                   // every key, value and byte of data, through cimlib
//   hive_bench merge BASE DELTA OUT

#include <cstdio>
#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/hive.h"

#include "base/file.h"
#include "base/utf16.h"
#include "registry/hive_builder.h"
#include "registry/model.h"

namespace cim::registry {
namespace {

constexpr std::size_t kClassesPerGroup = 5000;
constexpr std::size_t kBytesPerClass = 780;  // about; three keys and their values
constexpr std::size_t kChangedOneOf = 50;
constexpr std::size_t kDeletedOneOf = 500;

/// Writes keys in order; layers are for deltas.
class Maker {
 public:
  explicit Maker(bool layered) : builder_(options(layered)) {
    descriptor_ = builder_.descriptor(default_root_descriptor());
  }

  void begin(const std::string& name, unsigned layer = 0) {
    KeyContent key;
    key.name = stored(name);
    key.time = {132'000'000'000'000'000};
    key.layer = static_cast<std::uint8_t>(layer);
    key.descriptor = descriptor_;
    builder_.begin_key(key);
  }
  void text(const std::string& name, const std::string& data) {
    Bytes bytes;
    append_utf16_le(bytes, std::u16string(data.begin(), data.end()) + u'\0');
    builder_.add_value({stored(name), kRegSz, DataView(bytes)});
  }
  void number(const std::string& name, std::uint32_t number) {
    const Le32 bytes = number;
    builder_.add_value({stored(name), kRegDword, DataView(std::as_bytes(std::span(&bytes, 1)))});
  }
  void end() { builder_.end_key(); }

  void save(const std::filesystem::path& path) {
    AtomicFile file(path);
    file.file().write_at(0, builder_.finish());
    file.publish(Publish::kReplace);
    fmt::print("{}: {} keys, {} values, {:.1f} MB\n", path.string(), builder_.keys(),
               builder_.values(), static_cast<double>(std::filesystem::file_size(path)) / 1e6);
  }

 private:
  static BuildOptions options(bool layered) {
    BuildOptions made;
    made.layered = layered;
    made.minor_version = layered ? 6 : 5;
    return made;
  }
  static Name stored(const std::string& name) { return {as_bytes(name), true}; }

  HiveBuilder builder_;
  DescriptorId descriptor_{};
};

std::string class_id(std::size_t i) {
  return fmt::format("{{{:08X}-4C53-11D2-9E2A-00C04FB{:05X}}}", i * 7919, i % 0xFFFFF);
}

void make_base(std::size_t classes, const std::filesystem::path& path) {
  Maker maker(false);
  maker.begin("ROOT");
  for (std::size_t i = 0; i < classes; ++i) {
    if (i % kClassesPerGroup == 0) {
      maker.begin(fmt::format("Group {:04}", i / kClassesPerGroup));
    }
    maker.begin(class_id(i));
    maker.text("", fmt::format("Class number {} of the benchmark", i));
    maker.begin("InprocServer32");
    maker.text("", fmt::format("C:\\Windows\\System32\\component{:06}.dll", i));
    maker.text("ThreadingModel", "Apartment");
    maker.end();
    maker.begin("ProgID");
    maker.text("", fmt::format("Benchmark.Class.{}", i));
    maker.number("Version", static_cast<std::uint32_t>(i));
    maker.end();
    maker.end();
    if (i % kClassesPerGroup == kClassesPerGroup - 1 || i + 1 == classes) {
      maker.end();
    }
  }
  maker.end();
  maker.save(path);
}

void make_delta(std::size_t classes, const std::filesystem::path& path) {
  constexpr unsigned kCopiedUp = 0x80;
  constexpr unsigned kTombstone = 1;
  Maker maker(true);
  maker.begin("ROOT");
  for (std::size_t i = 0; i < classes; ++i) {
    if (i % kClassesPerGroup == 0) {
      maker.begin(fmt::format("Group {:04}", i / kClassesPerGroup), kCopiedUp);
    }
    if (i % kDeletedOneOf == 1) {
      maker.begin(class_id(i), kTombstone);
      maker.end();
    } else if (i % kChangedOneOf == 0) {
      maker.begin(class_id(i), kCopiedUp);
      maker.text("", "another text");
      maker.begin("Added");
      maker.number("New", 1);
      maker.end();
      maker.end();
    }
    if (i % kClassesPerGroup == kClassesPerGroup - 1 || i + 1 == classes) {
      maker.end();
    }
  }
  maker.end();
  maker.save(path);
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
    const std::size_t classes = std::stoul(arguments[1]) * 1'000'000 / kBytesPerClass;
    make_base(classes, arguments[2]);
    make_delta(classes, arguments[3]);
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
