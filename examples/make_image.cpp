// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// make_image IMAGE.cim: creates an image with a directory and a file with an alternate stream.

#include <iostream>
#include <span>
#include <string_view>

#include <cimlib/error.h>
#include <cimlib/image_writer.h>

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

void make_image(const char* image) {
  constexpr std::string_view kGreeting = "Hello from an image.\r\n";
  constexpr std::string_view kZone = "[ZoneTransfer]\r\nZoneId=3\r\n";
  const auto now = cim::FileTime::now();
  const cim::FileTimes times = {now, now, now, now};
  const auto path = cim::ImagePath::parse("Documents/greeting.txt");

  cim::ImageWriter writer(image);
  writer.add(path.parent(), {.attributes = cim::attribute::kDirectory, .times = times});
  writer.add(path, {.attributes = cim::attribute::kArchive, .times = times}, kGreeting.size());
  writer.write(bytes_of(kGreeting));
  writer.add_alternate_stream({path, u"Zone.Identifier"}, kZone.size());
  writer.write(bytes_of(kZone));
  const cim::CommitSummary summary = writer.commit();
  std::cout << summary.files << " files and directories\n";
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: make_image IMAGE.cim\n";
    return 2;
  }
  try {
    make_image(arguments[1]);
    return 0;
  } catch (const cim::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
