// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Builds tars block by block, valid or not.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace cim::test {

using Records = std::vector<std::pair<std::string, std::string>>;

/// A header block that tests may modify before adding it. Offsets are those of POSIX.
class HeaderBytes {
 public:
  explicit HeaderBytes(std::string_view name, char type = '0', std::uint64_t size = 0) {
    put(0, name);
    put(100, fmt::format("{:07o}", 0644));
    put(124, fmt::format("{:011o}", size));
    put(136, fmt::format("{:011o}", 0));
    put(156, std::string_view(&type, 1));
    put(257, std::string_view("ustar\0"
                              "00",
                              8));
  }

  HeaderBytes& put(std::size_t offset, std::string_view text) {
    bytes_.replace(offset, text.size(), text);
    return *this;
  }

  /// Returns the block with a valid checksum.
  std::string bytes() const {
    std::string result = bytes_;
    result.replace(148, 8, 8, ' ');
    std::uint32_t sum = 0;
    for (const char c : result) {
      sum += static_cast<unsigned char>(c);
    }
    return result.replace(148, 7, fmt::format("{:06o}\0", sum) + '\0');
  }

 private:
  std::string bytes_ = std::string(512, '\0');
};

/// Pads the text with zeros to whole blocks.
inline std::string padded(std::string_view text) {
  std::string result(text);
  result.resize((result.size() + 511) / 512 * 512, '\0');
  return result;
}

/// "LENGTH KEY=VALUE\n".
inline std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (rest + std::to_string(length).size() != length) {
    ++length;
  }
  return fmt::format("{} {}={}\n", length, key, value);
}

inline std::string pax_header(std::string_view text, char type = 'x') {
  return HeaderBytes("PaxHeaders.0/x", type, text.size()).bytes() + padded(text);
}

inline std::string pax_header(const Records& records, char type = 'x') {
  std::string text;
  for (const auto& [key, value] : records) {
    text += pax_record(key, value);
  }
  return pax_header(text, type);
}

inline std::string end_marker() {
  return std::string(1024, '\0');
}

/// A whole tar entry; has an extended header if there are records.
struct EntryBytes {
  std::string name;
  char type = '0';
  std::string body = {};
  Records records = {};
  std::string link = {};

  std::string bytes() const {
    HeaderBytes header(std::string_view(name).substr(0, 100), type, body.size());
    header.put(157, std::string_view(link).substr(0, 100));
    return (records.empty() ? "" : pax_header(records)) + header.bytes() + padded(body);
  }
};

}  // namespace cim::test
