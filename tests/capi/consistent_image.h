// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A sequence of calls that writes an image with the flag "consistent". The functions are those of
// the C API, or were loaded from a DLL: the files must be the same, byte for byte, on every system.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "os/crypto.h"
#include "os/file.h"

namespace cim::test {

/// Adds a file, or, with the attribute, a directory.
template <typename Api>
void add_consistent(const Api& api, typename Api::Handle image, std::u16string_view path,
                    std::uint32_t attributes, std::string_view bytes) {
  typename Api::Metadata metadata{};
  metadata.Attributes = attributes;
  metadata.FileSize = static_cast<std::int64_t>(bytes.size());
  metadata.CreationTime.QuadPart = 1;
  metadata.LastWriteTime.QuadPart = 2;
  metadata.ChangeTime.QuadPart = 3;
  metadata.LastAccessTime.QuadPart = 4;
  typename Api::Stream stream{};
  ASSERT_EQ(api.create_file(image, typename Api::Text(path), &metadata, &stream), 0);
  if (!bytes.empty()) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    ASSERT_EQ(api.write_stream(stream, bytes.data(), size), 0);
  }
  ASSERT_EQ(api.close_stream(stream), 0);
}

/// Writes a.cim. `Api` has the functions as members, and the types Handle, Stream, Metadata and
/// Text, which is made of UTF-16 and converts to PCWSTR.
template <typename Api>
void write_consistent_image(const Api& api, const std::filesystem::path& directory) {
  using Text = typename Api::Text;
  constexpr std::uint32_t kConsistent = 0x10;
  constexpr std::uint32_t kDirectory = 0x10;
  const Text folder(std::u16string_view(directory.u16string()));
  const Text file(std::u16string_view(u"dir\\file"));
  const Text empty(std::u16string_view(u"dir\\empty"));
  typename Api::Handle image{};
  ASSERT_EQ(
      api.create_image(folder, kConsistent, nullptr, Text(std::u16string_view(u"a.cim")), &image),
      0);
  add_consistent(api, image, u"dir", kDirectory, "");
  add_consistent(api, image, u"dir\\file", 0, "hello");
  add_consistent(api, image, u"dir\\empty", 0, "");
  const Text note(std::u16string_view(u"dir\\file:note"));
  typename Api::Stream stream{};
  ASSERT_EQ(api.create_alternate_stream(image, note, 3, &stream), 0);
  ASSERT_EQ(api.write_stream(stream, "abc", 3), 0);
  ASSERT_EQ(api.close_stream(stream), 0);
  ASSERT_EQ(api.create_hard_link(image, Text(std::u16string_view(u"link")), file), 0);
  ASSERT_EQ(api.delete_path(image, empty), 0);
  ASSERT_EQ(api.commit_image(image), 0);
  ASSERT_EQ(api.close_image(image), 0);
}

/// Returns a digest of the names and contents of all files in a directory.
inline std::string digest_of_files(const std::filesystem::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const Bytes bytes = read_whole_file(entry.path(), 1 << 24);
    files[entry.path().filename().string()] = to_hex(Sha256::of(bytes));
  }
  std::string all;
  for (const auto& [name, digest] : files) {
    all += name + " " + digest + "\n";
  }
  return to_hex(Sha256::of(as_bytes(all)));
}

/// The digest of what write_consistent_image() writes.
inline constexpr const char* kConsistentDigest =
    "a3d930f010187eb299f1e135d00542d6d05f850315a90751e7fc21eba1eeb4f9";

}  // namespace cim::test
