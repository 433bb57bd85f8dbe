// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/sample_image.h"

#include "hex.h"
#include "image/sample_pe.h"

namespace cim::test {

void put(ImageWriter& writer, std::string_view text, ByteView bytes, const FileMetadata& metadata) {
  writer.add(path(text), metadata, bytes.size());
  writer.write(bytes);
}

Bytes pattern(std::size_t size, unsigned seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>((i + seed) % 253 + 1);
  }
  return bytes;
}

FileMetadata directory_metadata() {
  return {.attributes = attribute::kDirectory};
}

WriterOptions sample_options() {
  return {.region_set = kSampleGuid, .now = FileTime{132444736001234567U}};
}

void write_sample_image(const std::filesystem::path& image) {
  ImageWriter writer(image, sample_options());
  writer.add(path("Files"), directory_metadata());
  writer.add(path("Files/empty"), directory_metadata());
  put(writer, "Files/small.txt", as_bytes("small"),
      {.attributes = attribute::kReadOnly | attribute::kHidden, .times = {{1}, {2}, {3}, {4}}});
  put(writer, "Files/page.bin", pattern(5000));
  put(writer, "Files/again.bin", pattern(5000));
  put(writer, "Files/program.exe", SamplePe{.file_size = 0x1900}.bytes());
  put(writer, "Files/zeros.bin", Bytes(10000));
  put(writer, "Files/nothing", Bytes());
  writer.add_alternate_stream({path("Files/small.txt"), u"Zone.Identifier"}, 3);
  writer.write(as_bytes("[Z]"));
  writer.add_alternate_stream({path("Files/small.txt"), u"big"}, 4096);
  writer.write(pattern(4096, 1));
  writer.add_link(path("Files/link.txt"), path("Files/small.txt"));
  const Bytes eas = from_hex("00000000 00 01 0300 41 00 78797a 000000");
  put(writer, "Files/eas", as_bytes("e"), {.extended_attributes = eas});
  const Bytes reparse =
      from_hex("0c0000a0 1800 0000 0000 0400 0600 0400 01000000 5c0062000000 5c0062000000");
  writer.add(path("Files/symlink"), {.reparse_data = reparse});
  writer.commit();
}

}  // namespace cim::test
