// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "sample_hives.h"

#include <span>
#include <string>

#include <fmt/format.h>

#include "base/endian.h"
#include "base/utf16.h"
#include "registry/edit/mutable_tree.h"
#include "registry/write/hive_builder.h"

namespace cim::bench {
namespace {

using namespace registry;

constexpr std::size_t kClassesPerGroup = 5000;
constexpr std::size_t kChangedOneOf = 50;
constexpr std::size_t kDeletedOneOf = 500;

/// Writes keys in order; the layer semantics are for deltas.
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

  Bytes finish() { return builder_.finish(); }

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

}  // namespace

Bytes sample_hive(std::size_t classes) {
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
  return maker.finish();
}

Bytes sample_delta(std::size_t classes) {
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
  return maker.finish();
}

}  // namespace cim::bench
