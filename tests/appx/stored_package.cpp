// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/stored_package.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/endian.h"
#include "os/base64.h"
#include "os/crypto.h"

namespace cim::test {
namespace {

constexpr std::size_t kBlock = 65536;

std::uint32_t crc_of(std::string_view text) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
  }
  return ~crc;
}

std::string number(std::uint64_t value, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i, value >>= 8U) {
    text += static_cast<char>(value & 0xFFU);
  }
  return text;
}

// The common fields of local and central headers: version to size of the extra fields.
std::string common_fields(const std::string& name, const std::string& data) {
  return number(20, 2) + number(0, 2) + number(0, 2) + number(0x3800, 2) + number(0x58A6, 2) +
         number(crc_of(data), 4) + number(data.size(), 4) + number(data.size(), 4) +
         number(name.size(), 2) + number(0, 2);
}

}  // namespace

std::string stored_archive(const PackageFiles& files) {
  std::string archive;
  std::string directory;
  for (const auto& [name, data] : files) {
    const std::string fields = common_fields(name, data);
    directory += number(0x02014B50, 4) + number(20, 2) + fields + number(0, 10) +
                 number(archive.size(), 4) + name;
    archive += number(0x04034B50, 4) + fields + name + data;
  }
  return archive + directory + number(0x06054B50, 4) + number(0, 4) + number(files.size(), 2) +
         number(files.size(), 2) + number(directory.size(), 4) + number(archive.size(), 4) +
         number(0, 2);
}

std::string block_map_text(const PackageFiles& files) {
  std::string text = R"(<BlockMap HashMethod="http://www.w3.org/2001/04/xmlenc#sha256">)";
  for (const auto& [name, data] : files) {
    std::string in_map = name;
    std::ranges::replace(in_map, '/', '\\');
    text += fmt::format(R"(<File Name="{}" Size="{}">)", in_map, data.size());
    for (std::size_t at = 0; at < data.size(); at += kBlock) {
      std::string digest;
      append_base64(digest, Sha256::of(as_bytes(std::string_view(data).substr(at, kBlock))));
      text += fmt::format(R"(<Block Hash="{}"/>)", digest);
    }
    text += "</File>";
  }
  return text + "</BlockMap>";
}

std::string manifest_text(const std::string& name, std::size_t applications) {
  std::string text = fmt::format(
      R"(<Package><Identity Name="{}" Publisher="CN=Contoso" Version="1.0.0.0"/><Applications>)",
      name);
  for (std::size_t i = 0; i < applications; ++i) {
    text += fmt::format(R"(<Application Id="A{}"/>)", i);
  }
  return text + "</Applications></Package>";
}

std::string stored_package(PackageFiles files, const std::string& name) {
  files.emplace_back("AppxManifest.xml", manifest_text(name));
  const std::string map = block_map_text(files);
  files.emplace_back("AppxBlockMap.xml", map);
  files.emplace_back("[Content_Types].xml", "<Types/>");
  return stored_archive(files);
}

}  // namespace cim::test
