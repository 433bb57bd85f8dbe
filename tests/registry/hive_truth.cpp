// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "hive_truth.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "os/crypto.h"

namespace cim::test {
namespace {

std::string hex_digest(ByteView bytes) {
  return to_hex(Sha256::of(bytes));
}

std::string to_base64(ByteView bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      group = group << 8 | (j < bytes.size() ? std::to_integer<unsigned>(bytes[j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += i + j <= bytes.size() ? kDigits[group >> (18 - 6 * j) & 0x3F] : '=';
    }
  }
  return text;
}

nlohmann::json data_of(const registry::Value& value) {
  constexpr std::size_t kMaxInText = 1024;
  if (value.is_tombstone()) {
    return nullptr;
  }
  const Bytes data = value.data();
  return data.size() > kMaxInText ? "sha256:" + hex_digest(data) : to_base64(data);
}

nlohmann::json line_of(const registry::Key& key, const registry::Hive& hive) {
  constexpr unsigned kFlagsInTruth = 0x380;
  nlohmann::json line{{"time", key.time().ticks}, {"sd", hex_digest(key.descriptor())}};
  if (const auto name = key.class_name()) {
    line["class"] = *name;
  }
  if (key.is_symbolic_link()) {
    line["symlink"] = true;
  }
  const auto add_unless_zero = [&line](const char* name, unsigned number) {
    if (number != 0) {
      line[name] = number;
    }
  };
  add_unless_zero("flags", key.flags() & kFlagsInTruth);
  add_unless_zero("control", key.control());
  add_unless_zero("debug", key.debug());
  if (hive.is_layered()) {
    add_unless_zero("layer", static_cast<unsigned>(key.layer()));
    if (key.inherits_class()) {
      line["inherit_class"] = true;
    }
  }
  line["values"] = nlohmann::json::array();
  for (const registry::Value value : key.values()) {
    line["values"].push_back({value.name(), value.type(), value.size(), data_of(value)});
  }
  std::sort(line["values"].begin(), line["values"].end());
  return line;
}

void add_keys(const registry::Key& key, const std::string& path, const registry::Hive& hive,
              HiveTruth& truth) {
  truth[path] = line_of(key, hive);
  for (const registry::Key subkey : key.subkeys()) {
    add_keys(subkey, path.empty() ? subkey.name() : path + "\\" + subkey.name(), hive, truth);
  }
}

}  // namespace

HiveTruth truth_of(const registry::Hive& hive) {
  HiveTruth truth;
  add_keys(hive.root(), "", hive, truth);
  return truth;
}

HiveTruth read_truth(const std::filesystem::path& path) {
  HiveTruth truth;
  std::ifstream file(path);
  if (!file) {
    throw std::runtime_error("cannot read " + path.string());
  }
  for (std::string text; std::getline(file, text);) {
    nlohmann::json line = nlohmann::json::parse(text);
    const std::string key = line["key"];
    line.erase("key");
    std::sort(line["values"].begin(), line["values"].end());
    truth[key] = std::move(line);
  }
  return truth;
}

void expect_same_truth(const HiveTruth& due, const HiveTruth& found, const std::string& name) {
  EXPECT_EQ(due.size(), found.size()) << name;
  int shown = 0;
  for (const auto& [key, line] : due) {
    const auto match = found.find(key);
    if (match == found.end()) {
      ADD_FAILURE() << name << ": key not there: " << key;
    } else if (match->second != line) {
      ADD_FAILURE() << name << ": " << key << "\n due   " << line << "\n found " << match->second;
    } else {
      continue;
    }
    if (++shown == 5) {
      return;
    }
  }
  for (const auto& [key, line] : found) {
    EXPECT_TRUE(due.count(key) == 1) << name << ": key not due: " << key;
  }
}

std::optional<std::filesystem::path> corpus() {
  const char* const directory = std::getenv("CIMLIB_CORPUS");
  return directory == nullptr ? std::nullopt : std::optional<std::filesystem::path>(directory);
}

std::optional<std::string> output_of(const std::string& command) {
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) {
    return std::nullopt;
  }
  std::string output;
  std::array<char, 65536> buffer{};
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), size);
  }
  return ::pclose(pipe) == 0 ? std::optional(std::move(output)) : std::nullopt;
}

std::vector<std::byte> corpus_member(const std::string& tar, const std::string& member) {
  const auto output = output_of("tar --warning=no-unknown-keyword -xOf '" +
                                (corpus().value() / tar).string() + "' '" + member + "'");
  if (!output) {
    throw std::runtime_error("cannot read " + member + " from " + tar);
  }
  const ByteView bytes = as_bytes(*output);
  return {bytes.begin(), bytes.end()};
}

}  // namespace cim::test
