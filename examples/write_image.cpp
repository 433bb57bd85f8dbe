// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// write_image IMAGE.cim FILE: creates an image that contains a file of the host under two names,
// with an alternate stream.

#include <iostream>
#include <span>
#include <string_view>

#include <cimlib/error.h>
#include <cimlib/image_writer.h>

int main(int count, char** arguments) try {
  if (count != 3) {
    return 2;
  }
  constexpr std::string_view kZone = "[ZoneTransfer]\r\nZoneId=3\r\n";
  const auto path = cim::ImagePath::parse("Documents/file.txt");
  cim::ImageWriter writer(arguments[1]);
  writer.add(path.parent(), {.attributes = cim::attribute::kDirectory});
  writer.add(path, {.attributes = cim::attribute::kArchive}, arguments[2]);
  writer.add_alternate_stream({path, u"Zone.Identifier"}, kZone.size());
  writer.write(std::as_bytes(std::span(kZone)));  // in any number of pieces
  writer.add_link(path.parent().child(u"again.txt"), path);
  std::cout << writer.commit().files << " files and directories\n";
  return 0;
} catch (const cim::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
