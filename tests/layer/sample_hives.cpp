// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "sample_hives.h"

#include "base/utf16.h"
#include "registry/hive_file.h"
#include "registry/log_builder.h"

namespace cim::test {
namespace {

std::string hive(const HiveTexts& values, bool layered) {
  registry::MutableTree model(u"ROOT");
  for (const auto& [name, text] : values) {
    model.root().set_value({name, registry::kRegSz, text_data(text)});
  }
  registry::BuildOptions options;
  options.layered = layered;
  options.minor_version = layered ? 6 : 5;
  return std::string(as_text(model.to_bytes(options)));
}

}  // namespace

std::string base_hive(const HiveTexts& values) {
  return hive(values, false);
}

std::string delta_hive(const HiveTexts& values) {
  return hive(values, true);
}

TornHive torn_hive(const HiveTexts& values) {
  HiveFile torn(registry::MutableTree(u"ROOT"));
  torn.set_u32(4, 5).set_u32(8, 4).fix_checksum();
  const std::string updated = base_hive(values);
  const ByteView bins = as_bytes(updated).subspan(registry::kBaseBlockSize);
  LogBuilder log(registry::load<registry::BaseBlock>(torn.bytes(), 0), 4);
  log.add(4, static_cast<std::uint32_t>(bins.size()), {{0, Bytes(bins.begin(), bins.end())}});
  return {std::string(as_text(torn.bytes())), std::string(as_text(log.bytes()))};
}

std::string hive_texts(std::string_view file) {
  const ByteView bytes = as_bytes(file);
  const auto hive = registry::Hive::from_bytes({bytes.begin(), bytes.end()}, "hive");
  std::string texts;
  for (const registry::Value value : hive.root().values()) {
    texts += (texts.empty() ? "" : " ") + value.name() + "=" + value.text().value_or("?");
  }
  return texts;
}

}  // namespace cim::test
