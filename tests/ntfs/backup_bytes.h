// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Win32 backup streams from descriptions, encoded here without the library's structures, and the
// streams that several tests use.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace cim::test {

/// A record as it is stored: whatever does not follow from the body can be described wrongly.
struct BackupRecord {
  std::uint32_t id = 1;
  std::uint32_t attributes = 0;
  std::u16string name{};  ///< as stored, ":name:$DATA"
  std::string body{};
  std::optional<std::uint64_t> offset{};  ///< stored before the body
  std::optional<std::uint64_t> size{};    ///< claimed instead of the true one
  std::optional<std::uint32_t> name_size{};

  std::string bytes() const {
    std::string stored;
    put(stored, id, 4);
    put(stored, attributes, 4);
    put(stored, size.value_or((offset ? 8 : 0) + body.size()), 8);
    put(stored, name_size.value_or(static_cast<std::uint32_t>(2 * name.size())), 4);
    for (const char16_t unit : name) {
      put(stored, unit, 2);
    }
    if (offset) {
      put(stored, *offset, 8);
    }
    return stored + body;
  }

 private:
  static void put(std::string& stored, std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) {
      stored.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
    }
  }
};

using BackupRecords = std::vector<BackupRecord>;

inline std::string bytes_of(const BackupRecords& records) {
  std::string bytes;
  for (const BackupRecord& record : records) {
    bytes += record.bytes();
  }
  return bytes;
}

// Records of files as Windows and its tools write them.

inline BackupRecord data(std::string body) {
  return {.id = 1, .body = std::move(body)};
}
inline BackupRecord security(std::string descriptor) {
  return {.id = 3, .attributes = 2, .body = std::move(descriptor)};
}
inline BackupRecord eas(std::string list) {
  return {.id = 2, .body = std::move(list)};
}
inline BackupRecord reparse(std::string buffer) {
  return {.id = 8, .body = std::move(buffer)};
}
inline BackupRecord alternate(const std::u16string& name, std::string body) {
  return {.id = 4, .name = u":" + name + u":$DATA", .body = std::move(body)};
}
inline BackupRecord sparse(BackupRecord stream) {
  stream.attributes |= 8;
  return stream;
}
inline BackupRecord block(std::uint64_t offset, std::string body) {
  return {.id = 9, .body = std::move(body), .offset = offset};
}
/// The last block of a sparse stream.
inline BackupRecord length(std::uint64_t bytes) {
  return block(bytes, "");
}

/// A self-relative descriptor that allows everything to everyone: no owner, an empty access control
/// list with no entry.
inline std::string sample_descriptor() {
  using namespace std::string_literals;
  return "\x01\x00\x04\x80"s + std::string(12, '\0') + "\x14\x00\x00\x00"s +
         "\x02\x00\x08\x00\x00\x00\x00\x00"s;
}
/// A list with the attribute A, whose value is "x".
inline std::string sample_eas() {
  using namespace std::string_literals;
  return "\x00\x00\x00\x00\x00\x01\x01\x00"
         "A\0x\0"s;
}
/// A reparse buffer with a tag of Microsoft's that has no names.
inline std::string sample_reparse() {
  using namespace std::string_literals;
  return "\x17\x00\x00\x80\x04\x00\x00\x00"
         "wof!"s;
}

/// A stream of every kind and form.
inline std::vector<BackupRecords> backup_corpus() {
  return {
      {},
      {data("")},
      {data("hello")},
      {security(sample_descriptor())},
      {security(sample_descriptor()), eas(sample_eas()), reparse(sample_reparse()), data("hello")},
      {security(sample_descriptor()), data("hello"), eas(sample_eas()),
       alternate(u"Zone.Identifier", "[ZoneTransfer]"), alternate(u"empty", "")},
      {data("hello"), {.id = 7, .body = std::string(64, 'i')}, {.id = 10, .body = "tx"}},
      {{.id = 5, .body = "\\other"}, {.id = 5, .body = "\\another"}, {.id = 6, .body = "p"}},
      {sparse(data("")), length(0)},
      {sparse(data("")), length(1U << 20)},
      {sparse(data("start")), block(4096, "middle"), block(100, "early"), length(8192)},
      {sparse(data("")), block(65536, "end")},
      {sparse(data("whole"))},
      {data("x"), sparse(alternate(u"holes", "")), block(10, "ten"), length(20),
       alternate(u"more", std::string(3000, 'm'))},
      {data(std::string(5000, 'd')),
       {.id = 4, .attributes = 1, .name = u":short", .body = "no type"}},
  };
}

}  // namespace cim::test
